import Foundation
import KernBuild
import RunModel

/// A real kernel's source: that of `$BPF_ASSAY_TREE`, or what `ci/kernel-tree VERSION` prints.
///
/// In CI the absence of one is a failure.
enum RealTree {
    static let isExpected = Host.environment["CI"] != nil || (try? find("6.1")) != nil

    /// The tree of a version such as `6.12`.
    ///
    /// - Throws: ``Missing`` with the places that were looked at.
    static func find(_ version: String) throws -> KernelTree {
        let checkout = URL(filePath: #filePath).appending(path: "../../..").standardized.path
        let places =
            [Host.environment["BPF_ASSAY_TREE"]].compactMap(\.self)
            + ["\(checkout)/.build-tree/linux-source-\(version)", "/usr/src/linux-source-\(version)"]
        for place in places {
            if let tree = try? KernelTree(at: place), "\(tree.version.major).\(tree.version.minor)" == version {
                return tree
            }
        }
        throw Missing(version: version, places: places)
    }

    struct Missing: Error, CustomStringConvertible {
        let version: String
        let places: [String]
        var description: String { "no tree of Linux \(version) in \(places): run ci/kernel-tree \(version)" }
    }

    /// The clangs of this machine: that in PATH, and that beside `swift`.
    static func compilers() async throws -> [Compiler] {
        var found = [try await Compiler.find()]
        let folders = (Host.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let files = FileManager.default
        let own = folders.first {
            files.isExecutableFile(atPath: "\($0)/swift") && files.isExecutableFile(atPath: "\($0)/clang")
        }
        if let own {
            let swift = try await Compiler.find(named: "\(own)/clang")
            if swift.version != found[0].version { found.append(swift) }
        }
        return found
    }
}
