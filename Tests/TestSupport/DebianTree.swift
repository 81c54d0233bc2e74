import Foundation

/// Sources of Debian's kernels: what `ci/kernel-tree VERSION` prints.
public enum DebianTree {
    /// A tree that is not there.
    public struct Missing: Error, CustomStringConvertible {
        /// The version that was asked for.
        public let version: String
        /// Where it was looked for.
        public let places: [String]
        /// What is missing, and what to run.
        public var description: String { "no tree of Linux \(version) in \(places): run ci/kernel-tree \(version)" }
    }

    /// The path of the tree of a version such as `6.12`: that of `$BPF_ASSAY_TREE` if it has this version, one under
    /// `/usr/src`, or that of the checkout.
    ///
    /// - Throws: ``Missing`` with the places that were looked at.
    public static func path(_ version: String) throws -> String {
        let checkout = URL(filePath: #filePath).appending(path: "../../..").standardized.path
        let places =
            [ProcessInfo.processInfo.environment["BPF_ASSAY_TREE"]].compactMap(\.self)
            + ["/usr/src/linux-source-\(version)", "\(checkout)/.build-tree/linux-source-\(version)"]
        for place in places where Self.version(of: place) == version { return place }
        throw Missing(version: version, places: places)
    }

    /// VERSION and PATCHLEVEL of a tree's `Makefile`.
    private static func version(of tree: String) -> String? {
        guard let makefile = try? String(contentsOfFile: "\(tree)/Makefile", encoding: .utf8),
            let match = makefile.firstMatch(of: /(?m)^VERSION = (\d+)\nPATCHLEVEL = (\d+)$/)
        else { return nil }
        return "\(match.1).\(match.2)"
    }
}
