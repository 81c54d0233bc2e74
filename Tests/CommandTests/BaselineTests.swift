import Foundation
import Reporting
import RunModel
import Subprocess
import Testing

/// `run --baseline`: what is refused before anything runs.
struct BaselineTests {
    private static func record(machine: String, sample: String = "networking/sockex1") throws -> String {
        let run = RunInfo(id: "r", started: "2026-11-22T12:00:00Z", ended: nil, tool: "t", command: [])
        let machines = [
            Machine(
                id: machine,
                kernel: Machine.Kernel(release: "6.1", version: "", arch: "x86_64"),
                config: Machine.Config(source: "none", identity: .unknown)
            )
        ]
        let result = SampleResult(sample: sample, machine: machine, verdict: .pass)
        let folded = RunRecord(folding: [.runStarted(run, machines: machines, plan: []), .sampleEnded(result)])
        return try RecordJSON().render(try #require(folded))
    }

    /// Refused in one line, and no results' folder is made.
    private func expectRefusal(_ text: String?, naming words: [String], arguments: [String] = []) async throws {
        let scratch = try Scratch()
        let baseline = try text.map { try scratch.file("baseline", $0) } ?? "\(scratch.path)/nowhere"
        let before = scratch.contents
        let run = try await CommandRun(
            ["run", "--baseline", baseline, "--results", "\(scratch.path)/results", "--objects", scratch.path]
                + arguments
        )
        #expect(run.status == .exited(64), "\(run.errors)")
        #expect(run.output.isEmpty && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        for word in [baseline] + words { #expect(run.errors.contains(word), "no '\(word)' in: \(run.errors)") }
        #expect(scratch.contents == before)
    }

    @Test func `a baseline that is not there, or is none, is refused before anything runs`() async throws {
        try await expectRefusal(nil, naming: ["ENOENT"])
        try await expectRefusal("", naming: ["it is empty"])
        try await expectRefusal(#"{"schema": "bpf-assay/record/9"}"#, naming: ["'bpf-assay/record/1'"])
        let check = CheckRecord(source: "x", identity: .unknown, kernel: nil, profile: "core", checks: [])
        try await expectRefusal(try CheckJSON().render(check), naming: ["a check's record"])
    }

    @Test func `a baseline that has nothing of what is to run is refused before anything runs`() async throws {
        try await expectRefusal(
            try Self.record(machine: "host", sample: "xdp/no_such_sample"),
            naming: ["none of these samples", "host"]
        )
        try await expectRefusal(
            try Self.record(machine: "host"),
            naming: ["none of these samples"],
            arguments: ["--sample", "xdp1"]
        )
    }

    @Test func `a baseline of another machine is taken where each has one`() async throws {
        let scratch = try Scratch()
        let baseline = try scratch.file("baseline", try Self.record(machine: "vm:6.1"))
        let run = try await CommandRun(["run", "--dry-run", "--objects", scratch.path, "--baseline", baseline])
        #expect(run.status == .exited(0), "\(run.errors)")
    }
}
