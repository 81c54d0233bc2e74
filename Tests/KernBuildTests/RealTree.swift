import Foundation
import KernBuild
import RunModel
import TestSupport

/// A real kernel's source.
///
/// In CI the absence of one is a failure.
enum RealTree {
    static let isExpected = Host.environment["CI"] != nil || (try? DebianTree.path("6.1")) != nil

    /// The tree of a version such as `6.12`.
    ///
    /// - Throws: `DebianTree.Missing`.
    static func find(_ version: String) throws -> KernelTree {
        try KernelTree(at: DebianTree.path(version))
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
