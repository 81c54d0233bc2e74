import Foundation
import LinuxHost
import Testing

@testable import GuestRun

extension MachineTests {
    /// `git bisect run bpf-assay run` in a real repository, whose commits hold kernels.
    ///
    /// The two kernels are Debian's of 6.12 and 6.1. Both get a command line that leaves hardly any option memory for sockets: it is a
    /// setting of each network namespace since 6.8, and of the whole machine before, so that the older kernel refuses to attach
    /// socket filters in the sample's namespace and the newer one does not.
    @Suite(.serialized)
    struct BisectGuestTests {
        private let repository: String

        init() throws {
            repository = "\(NSTemporaryDirectory())/guest-bisect-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: repository, withIntermediateDirectories: true)
        }

        @discardableResult
        private func git(_ arguments: [String]) throws -> (status: Int32, text: String) {
            let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
            let process = Process()
            let said = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
            process.arguments = ["-C", repository] + identity + arguments
            process.environment = ProcessInfo.processInfo.environment.merging(["GIT_CONFIG_NOSYSTEM": "1"]) { $1 }
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = said
            process.standardError = said
            try process.run()
            let text = String(decoding: try said.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            return (process.terminationStatus, text)
        }

        /// What a commit has for a kernel.
        private enum Build {
            /// The folder of an unpacked package.
            case package(String)
            /// A file that is no whole kernel, as a build leaves that was killed.
            case torn
            /// Nothing.
            case none
        }

        /// Commits a build, and returns the commit.
        private func commit(_ build: Build, _ title: String) throws -> String {
            let kernel = "\(repository)/kernel"
            try? FileManager.default.removeItem(atPath: kernel)
            switch build {
            case .package(let folder):
                try FileManager.default.createSymbolicLink(atPath: kernel, withDestinationPath: folder)
            case .torn: try Data("MZ and no more".utf8).write(to: URL(fileURLWithPath: kernel))
            case .none: break
            }
            // Each commit changes something.
            try Data(title.utf8).write(to: URL(fileURLWithPath: "\(repository)/title"))
            try git(["add", "--all"])
            #expect(try git(["commit", "--quiet", "--message", title]).status == 0)
            return try git(["rev-parse", "HEAD"]).text.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        private func bisect(_ extra: [String]) throws -> (status: Int32, text: String) {
            let words = [
                GuestCommand.program, "run", "--kernel", "kernel", "--worker", try GuestBench.worker(), "--accel",
                "tcg",
                "--sample", "sockex1", "--append", ComparisonGuestTests.breakage, "--no-control",
                "--results", "\(repository).results", "--exit-style", "bisect",
            ]
            return try git(["bisect", "run"] + words + extra)
        }

        @Test func `the commit that breaks a sample is found, past commits without a kernel`() throws {
            defer {
                for path in [repository, "\(repository).results"] { try? FileManager.default.removeItem(atPath: path) }
            }
            try git(["init", "--quiet"])
            let newer = try GuestBench.folder(ofKernel: "6.12")
            let older = try GuestBench.folder(ofKernel: "6.1")
            let first = try commit(.package(newer), "1 a kernel that works")
            _ = try commit(.package(newer), "2 the same")
            let culprit = try commit(.package(older), "3 a kernel that does not")
            // In the midst, where a bisection looks first.
            _ = try commit(.none, "4 a build that failed")
            _ = try commit(.torn, "5 a build that was killed")
            _ = try commit(.package(older), "6 works no better")
            _ = try commit(.package(older), "7 the same")
            let last = try commit(.package(older), "8 the same")
            try git(["bisect", "start", last, first])
            let ended = try bisect([])
            #expect(ended.status == 0, "\(ended.text)")
            #expect(ended.text.contains("\(culprit) is the first bad commit"), "\(ended.text)")
            #expect(try git(["bisect", "log"]).text.contains("git bisect skip"), "\(ended.text)")
            // A command line that is wrong must not call commits bad: it ends the bisection.
            try git(["bisect", "reset"])
            try git(["bisect", "start", last, first])
            let refused = try bisect(["--sample", "sockx1"])
            #expect(
                refused.status != 0 && refused.text.contains("no sample, family or program type"),
                "\(refused.text)"
            )
            #expect(!refused.text.contains("is the first bad commit"))
        }
    }
}
