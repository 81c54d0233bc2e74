import Foundation
import Subprocess
import SystemPackage

/// Debian's kernels, as `ci/kernel-image` hands them out.
enum DebianKernel {
    struct Missing: Error {
        let words: String
    }

    /// The image of a release such as `6.1`; the first time it is downloaded.
    static func image(_ release: String) async throws -> FilePath {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let run = try await Subprocess.run(
            .path(FilePath("\(root)/ci/kernel-image")),
            arguments: [release],
            input: .none,
            output: .string(limit: 4096),
            error: .string(limit: 1 << 16)
        )
        guard run.terminationStatus == .exited(0), let path = run.standardOutput.split(separator: "\n").last else {
            throw Missing(words: run.standardError)
        }
        return FilePath(String(path))
    }
}
