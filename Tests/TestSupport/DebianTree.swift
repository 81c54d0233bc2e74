import Foundation

/// Debian's kernel trees, as `ci/kernel-tree` unpacks them.
public enum DebianTree {
    /// A tree that is not there.
    public struct Missing: Error {
        /// What to run.
        public let words: String
    }

    /// The path of the tree of a version such as `6.12`.
    ///
    /// - Throws: ``Missing``.
    public static func path(_ version: String) throws -> String {
        let checkout = URL(filePath: #filePath).appending(path: "../../..").standardized.path
        let path = "\(checkout)/.build-tree/linux-source-\(version)"
        guard FileManager.default.fileExists(atPath: "\(path)/Makefile") else {
            throw Missing(words: "no tree of Linux \(version): run ci/kernel-tree \(version)")
        }
        return path
    }
}
