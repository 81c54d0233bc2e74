import Foundation
import Subprocess
import SystemPackage
import Testing

/// What becomes of output that cannot be written, and of output in several formats.
struct OutputTests {
    /// A record of one sample that failed.
    static let record = #"""
        {"schema": "bpf-assay/record/1",
         "run": {"id": "r", "started": "2026-11-22T12:00:00Z", "ended": "2026-11-22T12:00:01Z", "tool": "t", "command": ["c"]},
         "machines": [{"id": "host", "kernel": {"release": "6.1", "version": "v", "arch": "x86_64"},
                       "config": {"source": "none", "identity": "unknown"}}],
         "checks": [], "builds": [],
         "results": [{"sample": "xdp/xdp1", "variant": "native", "machine": "host", "verdict": "fail", "reason": "oracle",
                      "message": "m", "details": [], "expected": "pass", "checks": [], "not_reached": [], "control": "not-run",
                      "leaks": [], "attempts": [], "duration_s": 0.5}],
         "summary": {"pass": 0, "fail": 1, "error": 0, "miss": 0, "skip": 0}}
        """#

    /// Runs a command by a shell, which can close or redirect its output.
    private static func shell(_ script: String, _ arguments: [String] = []) async throws -> (
        status: Int, errors: String
    ) {
        let result = try await Subprocess.run(
            .path("/bin/sh"),
            arguments: Arguments(["-c", script, "\(CommandRun.products)/bpf-assay"] + arguments),
            output: .discarded,
            error: .string(limit: 1 << 20)
        )
        guard case .exited(let code) = result.terminationStatus else { return (-1, result.standardError) }
        return (Int(code), result.standardError)
    }

    @Test(arguments: [
        "list", "list --format json", "version", "describe sockex1", "--help", "--version", "run --help",
        "run --dry-run",
        "check --config CONFIG --profile core", "check --object FILE --list-needs", "report FILE",
        "report FILE --format junit",
        "compare FILE FILE", "compare FILE FILE --format json",
    ])
    func `that a full disk does not take is an error`(command: String) async throws {
        let scratch = try Scratch()
        var command = command.replacing("CONFIG", with: try scratch.file("config", "CONFIG_BPF=y\n"))
        if command.contains("--object") {
            command = command.replacing("FILE", with: try Self.object(scratch))
        } else {
            command = command.replacing("FILE", with: try scratch.file("record.json", Self.record))
        }
        let full = try await Self.shell("\"$0\" \(command) >/dev/full")
        #expect(full.status == 69, "\(full.errors)")
        #expect(full.errors.contains("standard output: no space left on device (ENOSPC)"), "\(full.errors)")
    }

    /// A kern object, compiled for the occasion.
    private static func object(_ scratch: Scratch) throws -> String {
        let source = try scratch.file("x.c", "__attribute__((section(\"xdp\"), used)) int x(void *c) { return 2; }\n")
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/clang")
        compiler.arguments = ["-O2", "-g", "-target", "bpf", "-c", source, "-o", "\(scratch.path)/x.o"]
        try compiler.run()
        compiler.waitUntilExit()
        return "\(scratch.path)/x.o"
    }

    @Test func `to a reader that has gone away ends quietly`() async throws {
        let scratch = try Scratch()
        let record = try scratch.file("record.json", Self.record)
        for trap in ["", "trap '' PIPE; "] {
            let gone = try await Self.shell(
                "\(trap){ \"$0\" report \(record); echo $? >\(scratch.path)/code; } | true; sleep 0.2"
            )
            #expect(gone.errors.isEmpty, "\(gone.errors)")
        }
        let ignoring = try await Self.shell(
            "trap '' PIPE; mkfifo \(scratch.path)/p; sleep 0.1 <\(scratch.path)/p & exec 3>\(scratch.path)/p; wait; \"$0\" report \(record) >&3"
        )
        #expect(ignoring.status == 141 && ignoring.errors.isEmpty, "\(ignoring.status) \(ignoring.errors)")
    }

    @Test func `that is closed is an error only where there is something to write`() async throws {
        let closed = try await Self.shell("\"$0\" list >&-")
        #expect(closed.status == 69 && closed.errors.contains("bad file descriptor"), "\(closed.errors)")
        let scratch = try Scratch()
        let record = try scratch.file("record.json", Self.record)
        let silent = try await Self.shell("\"$0\" report \(record) --format junit=\(scratch.path)/x.xml >&-")
        #expect(silent.status == 0 && silent.errors.isEmpty, "\(silent.errors)")
    }

    @Test func `goes to several files at once`() async throws {
        let scratch = try Scratch()
        let record = try scratch.file("record.json", Self.record)
        let (xml, json) = ("\(scratch.path)/x.xml", "\(scratch.path)/x.json")
        let files = try await CommandRun(["report", record, "--format", "junit=\(xml)", "--format=json=\(json)"])
        #expect(files.status == .exited(0) && files.output.isEmpty, "\(files.errors)")
        #expect(try String(contentsOfFile: xml, encoding: .utf8).contains("<failure type=\"oracle\""))
        #expect(try String(contentsOfFile: json, encoding: .utf8).hasPrefix("{\n"))
        let both = try await CommandRun(["report", record, "--format", "junit=\(xml)", "--format", "ktap"])
        #expect(both.output.hasPrefix("KTAP version 1\n"))
        #expect(scratch.contents == ["record.json", "x.json", "x.xml"])
    }

    @Test func `of which one cannot be written is an error, and the others are there`() async throws {
        let scratch = try Scratch()
        let record = try scratch.file("record.json", Self.record)
        let one = try await CommandRun([
            "report", record, "--format", "junit=\(scratch.path)/no/x.xml", "--format", "json=\(scratch.path)/x.json",
        ])
        #expect(one.status == .exited(69))
        #expect(
            one.errors.contains("writing the junit report: ") && one.errors.contains("make its folder first"),
            "\(one.errors)"
        )
        #expect(scratch.contents == ["record.json", "x.json"])
    }

    @Test(arguments: [
        ["report", "x", "--format", "text", "--format", "json"], ["run", "--format", "ktap", "--format", "json"],
        ["check", "--format", "json=a", "--format", "ktap=a"],
        ["compare", "x", "y", "--format", "json=a", "--format", "text=a"],
    ])
    func `of two formats never shares a place`(arguments: [String]) async throws {
        let run = try await CommandRun(arguments)
        #expect(run.status == .exited(64) && run.errors.contains("--format: "), "\(run.errors)")
    }

    @Test func `of a check that is not met is written all the same`() async throws {
        let scratch = try Scratch()
        let config = try scratch.file("config", "# CONFIG_BPF_SYSCALL is not set\n")
        let profile = try scratch.file("profile", "CONFIG_BPF_SYSCALL=y\n")
        let (xml, json) = ("\(scratch.path)/x.xml", "\(scratch.path)/x.json")
        let arguments = [
            "check", "--config", config, "--profile", profile, "--format", "junit=\(xml)", "--format", "json=\(json)",
        ]
        let run = try await CommandRun(arguments)
        #expect(run.status == .exited(1), "\(run.errors)")
        #expect(run.output.contains("CONFIG_BPF_SYSCALL"))
        #expect(try String(contentsOfFile: xml, encoding: .utf8).contains("<failure"))
        #expect(try String(contentsOfFile: json, encoding: .utf8).contains("\"bpf-assay/check/"))
        let lost = try await CommandRun([
            "check", "--config", config, "--profile", profile, "--format", "junit=/dev/full",
        ])
        #expect(lost.status == .exited(69) && lost.errors.contains("ENOSPC"), "\(lost.errors)")
        let impossible = try await CommandRun(["check", "--config", config, "--format", "junit=\(scratch.path)"])
        #expect(impossible.status == .exited(69) && impossible.output.isEmpty, "\(impossible.errors)")
    }
}
