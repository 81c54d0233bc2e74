import Foundation
import Subprocess
import Testing

@testable import Reporting

/// Every subcommand under small limits: it works as ever, or says in a message what it lacks; never a signal, a hang, or half of a
/// result with exit code 0.
struct LimitTests {
    /// Subcommands with the exit codes that they have without any limit, and what they print then; `nil` where that varies.
    private static let commands: [([String], Int32, String?)] = [
        (["list"], 0, "networking/sockex1"), (["describe", "xdp1"], 0, "oracle"), (["report", "/nowhere"], 64, nil),
        (["compare", "/nowhere", "/nowhere"], 64, nil), (["check", "--config", "/nowhere"], 64, nil),
        (["build", "sockex1"], 0, "1 built, 0 failed"), (["run", "--list", "sockex1"], 0, "networking/sockex1"),
        (["run", "--kernel", "/nowhere"], 64, nil),
    ]

    private func expectAnswer(_ wrapper: [String], _ what: String) async throws {
        for (words, status, output) in Self.commands {
            let scratch = try Scratch()
            let place = ["build": ["--out", "\(scratch.path)/out", "-j1"], "run": ["--results", "\(scratch.path)/r"]]
            let run = try await CommandRun(
                words + (place[words[0]] ?? []),
                // A hang is a failure, and not that of all tests.
                wrapper: ["/usr/bin/timeout", "-s", "KILL", "60"] + wrapper
            )
            let told = "\(what): \(words.joined(separator: " ")): \(run.status) \(run.output) \(run.errors)"
            if run.status == .exited(status) {
                #expect(output.map { run.output.contains($0) } ?? true, "\(told)")
                #expect(status == 0 || !run.errors.isEmpty, "\(told)")
            } else {
                // 127 is the dynamic loader's, which has words of its own.
                #expect(run.status == .exited(69) || run.status == .exited(127), "\(told)")
                #expect(!run.errors.isEmpty && run.output.isEmpty, "\(told)")
                #expect(!run.errors.contains("install Debian's package"), "\(told)")
            }
        }
    }

    @Test(arguments: [5, 8, 9, 18, 20, 40, 50])
    func `few descriptors`(count: Int) async throws {
        try await expectAnswer(["/usr/bin/prlimit", "--nofile=\(count)"], "\(count) descriptors")
    }

    @Test func `a soft limit of descriptors is raised and no reason to refuse`() async throws {
        let run = try await CommandRun(
            ["check", "--config", "/nowhere"],
            wrapper: ["/usr/bin/prlimit", "--nofile=10:1024"]
        )
        #expect(run.status == .exited(64), "\(run.errors)")
    }

    // Each as a user of its own: all processes of a user count.
    @Test(.enabled(if: getuid() == 0, "other users are root's to become"), arguments: [1, 4, 7, 8, 10, 11, 12, 14])
    func `few processes`(count: Int) async throws {
        let user = "\(44_000 + count)"
        try await expectAnswer(
            [
                "/usr/bin/setpriv", "--reuid", user, "--regid", user, "--clear-groups", "/usr/bin/prlimit",
                "--nproc=\(count)",
            ],
            "\(count) processes"
        )
    }

    @Test(arguments: [100, 500, 1024, 2048])
    func `little address space`(mebibytes: Int) async throws {
        try await expectAnswer(["/usr/bin/prlimit", "--as=\(mebibytes << 20)"], "\(mebibytes) MiB")
    }

    @Test func `memory that runs out half-way ends with a message and not with a trap`() async throws {
        let scratch = try Scratch()
        let file = FileManager.default.createFile(atPath: "\(scratch.path)/large", contents: nil)
        try #require(file && truncate("\(scratch.path)/large", 500 << 20) == 0)
        let run = try await CommandRun(
            ["report", "\(scratch.path)/large"],
            wrapper: ["/usr/bin/prlimit", "--as=\(1024 << 20)", "--data=\(200 << 20)"]
        )
        #expect(run.status == .exited(69) && run.errors.contains("out of memory"), "\(run.status) \(run.errors)")
    }

    @Test func `a file that may not grow is an error of writing and not a signal`() async throws {
        let scratch = try Scratch()
        let run = try await CommandRun(
            ["build", "sockex1", "-j1", "--out", "\(scratch.path)/out"],
            wrapper: ["/usr/bin/prlimit", "--fsize=1"]
        )
        #expect(run.status == .exited(69) || run.status == .exited(64), "\(run.status) \(run.output)\(run.errors)")
        #expect(!run.errors.isEmpty)
    }
}

/// Numbers on the command line: each has a range, and out of it nothing but the command line is to blame.
struct NumberOptionTests {
    private struct Dump: Decodable {
        struct Command: Decodable {
            var commandName: String
            var arguments: [Argument]?
            var subcommands: [Command]?
        }
        struct Argument: Decodable {
            struct Name: Decodable {
                var kind: String
                var name: String
            }
            var kind: String
            var names: [Name]?
            var valueName: String?
            var defaultValue: String?
        }
        var command: Command
    }

    /// What a value of numbers is called in the help.
    private static let units: Set<String> = ["count", "seconds", "mib", "MB"]

    @Test func `a number that is far too large or too small is refused with its range`() async throws {
        let dump = try await CommandRun(["--experimental-dump-help"])
        let root = try JSONDecoder().decode(Dump.self, from: Data(dump.output.utf8)).command
        var tried: Set<String> = []
        for command in root.subcommands ?? [] {
            for argument in command.arguments ?? [] where argument.kind == "option" {
                guard let name = argument.names?.first(where: { $0.kind == "long" })?.name else { continue }
                let isNumber = Self.units.contains(argument.valueName ?? "")
                #expect(
                    isNumber || argument.defaultValue.flatMap { Int($0) } == nil,
                    "\(name) is a number without a unit"
                )
                guard isNumber else { continue }
                tried.insert(name)
                for value in ["99999999999999", "-1"] {
                    let run = try await CommandRun([command.commandName, "--\(name)=\(value)"])
                    #expect(run.status == .exited(64), "\(command.commandName) --\(name)=\(value): \(run.status)")
                    #expect(run.errors.contains("--\(name)"), "\(run.errors)")
                }
                // As people write it: a number with a sign is no option.
                let apart = try await CommandRun([command.commandName, "--\(name)", "-1"])
                #expect(apart.status == .exited(64) && apart.errors.contains("must be from"), "\(apart.errors)")
            }
        }
        #expect(tried.isSuperset(of: ["jobs", "timeout", "repeat", "retries", "memory", "cpus", "cache-limit"]))
    }

    @Test func `a record's command line is read with the options that take no value`() async throws {
        let dump = try await CommandRun(["--experimental-dump-help"])
        let root = try JSONDecoder().decode(Dump.self, from: Data(dump.output.utf8)).command
        let run = try #require(root.subcommands?.first { $0.commandName == "run" })
        let flags = (run.arguments ?? []).filter { $0.kind == "flag" }.flatMap { $0.names ?? [] }
            .map { $0.kind == "short" ? "-\($0.name)" : "--\($0.name)" }
        #expect(flags.contains("--fail-fast") && Set(flags).isSubset(of: Reproduction.flags), "\(flags)")
    }
}
