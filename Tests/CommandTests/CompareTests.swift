import Foundation
import Reporting
import RunModel
import Subprocess
import Testing

/// What `compare` answers to good and to bad input.
struct CompareTests {
    private static func check(_ verdict: CheckVerdict, feature: String = "CONFIG_BPF_SYSCALL") throws -> String {
        try CheckJSON().render(
            CheckRecord(
                source: ".config",
                identity: .unknown,
                kernel: "6.1",
                profile: "core",
                checks: [CheckResult(feature: feature, level: .config, verdict: verdict, evidence: [])]
            )
        )
    }

    private static func journal(_ verdict: Verdict) throws -> String {
        let run = RunInfo(id: "r", started: "2026-11-22T12:00:00Z", ended: nil, tool: "t", command: [])
        let result = SampleResult(sample: "xdp/xdp1", machine: "host", verdict: verdict, reason: .oracle)
        let events: [RunEvent] = [.runStarted(run, machines: [], plan: []), .sampleEnded(result)]
        return try events.map { String(decoding: try JournalLine.bytes(of: $0), as: UTF8.self) }.joined()
    }

    private func expectOneLine(_ run: CommandRun, naming words: [String]) {
        #expect(run.status == .exited(64), "\(run.errors)")
        #expect(run.output.isEmpty)
        #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        for word in words { #expect(run.errors.contains(word), "no '\(word)' in: \(run.errors)") }
    }

    @Test(arguments: [
        (CheckVerdict.met, CheckVerdict.met, Int32(0), "no differences"), (.met, .unmet, 1, "regressions: 1"),
        (.unmet, .met, 0, "fixes: 1"), (.met, .unknown, 3, "inconclusive"), (.unknown, .met, 0, "not known: 1"),
    ])
    func `checks give the exit code of what they come to`(
        before: CheckVerdict,
        after: CheckVerdict,
        code: Int32,
        words: String
    ) async throws {
        let scratch = try Scratch()
        let files = [
            try scratch.file("before", try Self.check(before)), try scratch.file("after", try Self.check(after)),
        ]
        let run = try await CommandRun(["compare"] + files)
        #expect(run.status == .exited(code), "\(run.errors)")
        #expect(run.output.contains(words), "\(run.output)")
        #expect(run.errors.isEmpty)
    }

    @Test func `runs, journals and folders are compared`() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("before.jsonl", try Self.journal(.pass))
        let folder = try scratch.folder("after")
        _ = try scratch.file("after/journal.jsonl", try Self.journal(.fail) + "{\"torn")
        let run = try await CommandRun(["compare", file, folder, "--format", "json"])
        #expect(run.status == .exited(1))
        #expect(run.errors.contains("stops in the midst of a line"))
        let comparison = try JSONDecoder().decode(RunComparison.self, from: Data(run.output.utf8))
        #expect(comparison.schema == "bpf-assay/run-comparison/1")
        #expect(comparison.changes.map(\.kind) == [.regression])
        #expect(run.output.contains("\"conclusion\" : \"regression\""))
    }

    @Test func `a comparison goes into a file, whole or not at all, and in colour only where that was asked for`()
        async throws
    {
        let scratch = try Scratch()
        let files = [
            try scratch.file("before", try Self.check(.met)), try scratch.file("after", try Self.check(.unmet)),
        ]
        let plain = try await CommandRun(["compare"] + files)
        let run = try await CommandRun(["compare"] + files + ["--output", "\(scratch.path)/out"])
        #expect(run.status == .exited(1) && run.output.isEmpty && run.errors.isEmpty, "\(run.errors)")
        #expect(try String(contentsOfFile: "\(scratch.path)/out", encoding: .utf8) == plain.output)
        #expect(!plain.output.contains("\u{1B}"))
        let coloured = try await CommandRun(["compare"] + files + ["--color", "always"])
        #expect(coloured.status == .exited(1) && coloured.output.contains("\u{1B}[1;31mregressions:"))
        let refused = try await CommandRun(["compare"] + files + ["--output", "\(scratch.path)/none/out"])
        #expect(refused.status == .exited(69) && refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
        #expect(refused.errors.contains("\(scratch.path)/none/out"))
        #expect(scratch.contents == ["after", "before", "out"])
    }

    @Test func `the same file twice has no differences, in any format`() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("check", try Self.check(.unmet))
        for format in ComparisonFormats.names {
            let run = try await CommandRun(["compare", file, file, "--format", format])
            #expect(run.status == .exited(0), "\(run.errors)")
            #expect(run.output.contains("no regression"), "\(run.output)")
        }
    }

    @Test(arguments: [
        ("", "it is empty"), ("{\"schema\": \"bpf-assay/check/1\"", "not valid JSON"), ("\u{0}\u{1}", "not valid JSON"),
        ("{\"schema\": \"another\"}", "'another'"), ("{\"schema\": \"bpf-assay/check/2\"}", "'bpf-assay/check/1'"),
        ("{\"schema\": \"bpf-assay/record/9\"}", "'bpf-assay/record/1'"),
        ("{\"schema\": \"bpf-assay/check/1\", \"source\": \"x\"}", "lacks"),
    ])
    func `what is no record is refused on either side`(text: String, cause: String) async throws {
        let scratch = try Scratch()
        let bad = try scratch.file("bad", text)
        let good = try scratch.file("good", try Self.check(.met))
        expectOneLine(try await CommandRun(["compare", bad, good]), naming: [bad, cause])
        expectOneLine(try await CommandRun(["compare", good, bad]), naming: [bad, cause])
    }

    @Test func `what cannot be read, or not be compared, is refused`() async throws {
        let scratch = try Scratch()
        let check = try scratch.file("check", try Self.check(.met))
        let other = try scratch.file("other", try Self.check(.met, feature: "CONFIG_NET"))
        let run = try scratch.file("run", try Self.journal(.pass))
        let empty = try scratch.folder("empty")
        expectOneLine(try await CommandRun(["compare", check, "/nowhere/x"]), naming: ["/nowhere/x"])
        expectOneLine(try await CommandRun(["compare", empty, check]), naming: [empty, "record.json"])
        expectOneLine(try await CommandRun(["compare", check, run]), naming: [check, run, "check", "run"])
        expectOneLine(try await CommandRun(["compare", run, check]), naming: [check, run, "check", "run"])
        expectOneLine(try await CommandRun(["compare", check, other]), naming: ["no feature in common"])
        expectOneLine(try await CommandRun(["compare", "-", "-"]), naming: ["standard input"])
        // The tests' standard input is empty.
        expectOneLine(try await CommandRun(["compare", check, "-"]), naming: ["'-'", "it is empty"])
    }

    @Test(arguments: [["compare"], ["compare", "one"], ["compare", "a", "b", "--format", "yaml"]])
    func `a command line that means nothing`(arguments: [String]) async throws {
        let run = try await CommandRun(arguments)
        #expect(run.status == .exited(64))
        #expect(run.errors.contains("Usage:"))
    }
}
