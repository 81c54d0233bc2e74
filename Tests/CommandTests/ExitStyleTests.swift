import Foundation
import Subprocess
import Testing

/// What `run` exits with in each style where it never comes to run anything.
struct ExitStyleTests {
    private static let styles = ["own", "bisect", "kselftest", "automake"]

    private func expect(_ codes: [Int32], _ arguments: [String]) async throws {
        for (style, code) in zip(Self.styles, codes) {
            let run = try await CommandRun(["run"] + arguments + ["--exit-style", style])
            #expect(run.status == .exited(code), "\(style) \(arguments): \(run.errors)")
        }
    }

    @Test func `a command line that means nothing ends a bisection`() async throws {
        try await expect([64, 128, 1, 99], ["--no-such-option"])
        try await expect([64, 128, 1, 99], ["--jobs", "0"])
        try await expect([64, 128, 1, 99], ["--sample", "sockx1"])
        try await expect([64, 128, 1, 99], ["--baseline", "/nowhere"])
        try await expect([64, 128, 1, 99], ["--tree", "/nowhere", "--sample", "sockex1"] + dry)
        let run = try await CommandRun(["run", "--exit-style", "bisekt"])
        #expect(run.status == .exited(128) && run.errors.contains("bisekt"))
    }

    @Test func `a host on which nothing can be run ends a bisection`() async throws {
        try await expect([69, 128, 1, 99], ["--worker", "/nowhere/worker", "--objects", "/"])
    }

    @Test func `a commit without a kernel cannot be tested`() async throws {
        let scratch = try Scratch()
        let torn = try scratch.file("bzImage", "MZ")
        for path in ["/nowhere/bzImage", torn, scratch.path] {
            try await expect([64, 125, 1, 99], ["--kernel", path])
        }
        try await expect([64, 125, 1, 99], ["--tree", scratch.path, "--sample", "sockex1"] + dry)
    }

    @Test func `help is no error in any style`() async throws {
        try await expect([0, 0, 0, 0], ["--help"])
    }

    /// As a user without rights nothing would be built; what would be is what a dry run plans.
    private var dry: [String] { getuid() == 0 ? [] : ["--dry-run"] }
}
