import Foundation
import Reporting
import RunModel
import Subprocess
import Testing

/// Names on the command line: subcommands, samples, patterns, lists.
struct SelectionCommandTests {
    @Test(arguments: [
        (["chek"], "'check'"), (["help", "chek"], "'check'"), (["rum", "--sample", "x"], "'run'"),
        (["xdp1"], "bpf-assay run xdp1"), (["frobnicate"], "Usage:"),
    ])
    func `a subcommand that there is not gets the one that was meant`(words: [String], hint: String) async throws {
        let run = try await CommandRun(words)
        #expect(run.status == .exited(64) && run.output.isEmpty, "\(run.status)")
        #expect(run.errors.contains(hint) && run.errors.contains("Usage:"), "\(run.errors)")
    }

    @Test func `the version is said in every way that people ask for it, and no word at all gets the help`()
        async throws
    {
        let version = try await CommandRun(["--version"])
        for words in [["version"], ["-V"]] {
            let run = try await CommandRun(words)
            #expect(run.status == .exited(0) && run.output == version.output)
        }
        let whole = try await CommandRun(["--version", "--verbose"])
        let lines = whole.output.split(separator: "\n")
        #expect(whole.output.hasPrefix(version.output) && lines.count >= 5)
        for part in ["swift-argument-parser", "swift-system", "swift-subprocess", "libbpf"] {
            #expect(lines.contains { $0.hasPrefix("\(part) ") && $0.last?.isNumber != false })
        }
        let help = try await CommandRun([])
        #expect(help.status == .exited(0) && help.output.contains("SUBCOMMANDS") && help.output.contains("EXAMPLES"))
    }

    @Test(arguments: [
        (["xdp1"], ["xdp/xdp1"]), (["xdp/*", "!xdp1", "!xdp_*", "!xdp2?*", "!xdpsock", "!xsk*"], ["xdp/xdp2"]),
        (["--sample", "sockex?", "!sockex2"], ["networking/sockex1", "networking/sockex3"]),
    ])
    func `samples are selected by place, option, pattern and exclusion`(words: [String], ids: [String]) async throws {
        let run = try await CommandRun(["run", "--list"] + words)
        #expect(run.status == .exited(0), "\(run.errors)")
        #expect(run.output.split(separator: "\n").map(String.init) == ids)
        guard !words.contains("--sample") else { return }
        #expect(try await CommandRun(["list", "--quiet"] + words).output == run.output)
    }

    @Test func `a selection that leaves nothing is told by its exit code`() async throws {
        let run = try await CommandRun(["run", "xdp1", "!xdp*"])
        #expect(run.status == .exited(3) && run.errors.contains("no sample is selected"), "\(run.errors)")
    }

    @Test func `build takes patterns of the tree's files as well`() async throws {
        let scratch = try Scratch()
        let run = try await CommandRun(["build", "--dry-run", "--out", "\(scratch.path)/o", "sockex*", "!sockex2"])
        #expect(run.status == .exited(0), "\(run.errors)")
        #expect(run.output.contains("sockex1_kern.c") && run.output.contains("sockex3_kern.c"))
        #expect(!run.output.contains("sockex2_kern.c"))
        let wrong = try await CommandRun(["build", "--dry-run", "--out", "\(scratch.path)/o", "!sockx2"])
        #expect(wrong.status == .exited(64) && wrong.errors.contains("'sockex2'"), "\(wrong.errors)")
    }

    @Test func `the last failed are taken from the newest record`() async throws {
        let scratch = try Scratch()
        _ = try scratch.folder("latest")
        let machine = Machine(
            id: "host",
            kernel: Machine.Kernel(release: "6.1", version: "", arch: "x86_64"),
            config: Machine.Config(source: "none", identity: .unknown)
        )
        func write(_ results: [(String, Verdict)]) throws {
            let run = RunInfo(id: "r", started: "2026-11-22T12:00:00Z", ended: nil, tool: "t", command: [])
            let record = RunRecord(
                folding: [RunEvent.runStarted(run, machines: [machine], plan: [])]
                    + results.map { .sampleEnded(SampleResult(sample: $0, machine: "host", verdict: $1)) }
            )
            _ = try scratch.file("latest/record.json", try RecordJSON().render(try #require(record)))
        }
        let words = ["run", "--last-failed", "--results", scratch.path]
        try write([("networking/sockex1", .pass), ("xdp/xdp1", .fail), ("xdp/xdp2", .miss), ("tracing/cpustat", .skip)])
        #expect(try await CommandRun(words + ["--list"]).output == "xdp/xdp1\nxdp/xdp2\n")
        #expect(try await CommandRun(words + ["--list", "!xdp2"]).output == "xdp/xdp1\n")
        try write([("networking/sockex1", .pass)])
        let none = try await CommandRun(words)
        #expect(none.status == .exited(3) && none.errors.contains("none failed"), "\(none.errors)")
        let nowhere = try await CommandRun(["run", "--last-failed", "--results", "\(scratch.path)/nowhere"])
        #expect(nowhere.status == .exited(64) && nowhere.errors.contains("--last-failed"), "\(nowhere.errors)")
    }

    @Test(arguments: [
        ("networking/sockx1  # known\n", "'networking/sockex1'"), ("xdp_*\nfoo*\n", "line 2"),
        ("\u{0}\u{1}", "not text"),
    ])
    func `a deny list that names no sample is refused, also by a dry run`(text: String, word: String) async throws {
        let scratch = try Scratch()
        let list = try scratch.file("deny", text)
        for more in [[], ["--dry-run"]] {
            let run = try await CommandRun(["run", "--deny-list", list, "--results", "\(scratch.path)/r"] + more)
            #expect(run.status == .exited(64) && run.output.isEmpty, "\(run.status)")
            #expect(run.errors.contains(list) && run.errors.contains(word), "\(run.errors)")
        }
        #expect(scratch.contents == ["deny"])
    }

    @Test func `a deny list takes the name that is printed everywhere`() async throws {
        let scratch = try Scratch()
        let list = try scratch.file("deny", "networking/sockex1  # skip: takes the machine down\n")
        let run = try await CommandRun(["run", "--dry-run", "--deny-list", list, "sockex1"])
        #expect(run.status == .exited(0) && run.output.contains("deny_listed: skip"), "\(run.output)\(run.errors)")
    }

    @Test(arguments: ["WARNING: x\n", "\u{1}\u{2}\n", "abc # too short\n"])
    func `a list of allowed splats is read by a dry run too`(text: String) async throws {
        let scratch = try Scratch()
        let list = try scratch.file("splats", text)
        let run = try await CommandRun(["run", "--dry-run", "--allow-splats", list])
        #expect(
            run.status == .exited(64) && run.errors.contains(list) && run.errors.contains("line 1"),
            "\(run.errors)"
        )
    }

    @Test func `how much is said can be chosen, but not both ways at once`() async throws {
        for command in ["run", "build", "list", "describe"] {
            let run = try await CommandRun([command, "--quiet", "--verbose", "sockex1"])
            #expect(run.status == .exited(64) && run.errors.contains("mutually exclusive"), "\(run.errors)")
        }
        for words in [["report", "x"], ["compare", "x", "y"]] {
            let run = try await CommandRun(words + ["--quiet", "--verbose"])
            #expect(run.status == .exited(64) && run.errors.contains("mutually exclusive"), "\(run.errors)")
        }
        let colour = try await CommandRun(["list", "sockex1", "--color", "always"])
        #expect(colour.output.contains("\u{1b}["))
        #expect(try await CommandRun(["list", "sockex1"]).output.contains("\u{1b}[") == false)
        let scratch = try Scratch()
        let words = ["build", "sockex1", "-j1", "--out", "\(scratch.path)/o"]
        let quiet = try await CommandRun(words + ["--quiet"])
        #expect(quiet.status == .exited(0) && quiet.output.isEmpty && quiet.errors.isEmpty, "\(quiet.errors)")
        #expect(try await CommandRun(words).output.contains("1 built, 0 failed"))
    }

    @Test func `a deny list shows in a dry run what is expected to fail, and a wrong word is set off from the advice`()
        async throws
    {
        let scratch = try Scratch()
        let list = try scratch.file("deny", "networking/sockex1  # counts twice\n")
        let objects = try scratch.folder("objects")
        let run = try await CommandRun(["run", "--dry-run", "--deny-list", list, "sockex1", "--objects", objects])
        if getuid() == 0 { #expect(run.output.contains("networking/sockex1  # expected to fail"), "\(run.output)") }
        let wrong = try await CommandRun(["run", "frobnicator"])
        #expect(wrong.errors.contains("'frobnicator'; 'bpf-assay list' shows all"), "\(wrong.errors)")
    }
}
