import RunModel

/// Small records that the formats are pinned on.
enum Records {
    static let machine = Machine(
        id: "host",
        kernel: Machine.Kernel(release: "6.1.192", version: "#1 SMP", arch: "x86_64"),
        config: Machine.Config(source: "/boot/config-6.1.192", identity: .verified),
        clang: "Debian clang version 14.0.6",
        libbpf: "1.1",
        options: ["CONFIG_KPROBES": "not set", "CONFIG_VETH": "m"]
    )

    static func run(ended: String? = "2026-11-22T12:01:00Z") -> RunInfo {
        RunInfo(
            id: "r1",
            started: "2026-11-22T12:00:00Z",
            ended: ended,
            tool: "bpf-assay 0.1",
            command: ["bpf-assay", "run", "--tree", "/usr/src/my tree", "--sample", "xdp/*"]
        )
    }

    static func record(
        _ results: [SampleResult],
        machines: [Machine] = [machine],
        ended: String? = "2026-11-22T12:01:00Z"
    ) -> RunRecord {
        let start = RunEvent.runStarted(run(ended: ended), machines: machines, plan: [])
        guard let record = RunRecord(folding: [start] + results.map(RunEvent.sampleEnded)) else {
            fatalError("a journal with a start folds")
        }
        return record
    }

    static func result(
        _ sample: String,
        _ verdict: Verdict,
        _ reason: Reason? = nil,
        need: Need? = nil,
        message: String = "",
        expected: SampleResult.Expectation = .pass,
        checks: [Check] = [],
        duration: Double = 0
    ) -> SampleResult {
        SampleResult(
            sample: sample,
            machine: "host",
            verdict: verdict,
            reason: reason,
            need: need,
            message: message,
            expected: expected,
            checks: checks,
            duration: duration
        )
    }

    static let held = Check.equal("the array holds a counter", expected: "yes", observed: "yes")
    static let broken = Check.equal("packets counted", expected: 980, observed: 882)

    static let passed = result("networking/sockex1", .pass, checks: [held], duration: 1.503)
    static let failed: SampleResult = {
        var failed = result("xdp/xdp1", .fail, .oracle, checks: [held, broken], duration: 2)
        failed.details = ["verifier: processed 17 insns"]
        failed.leaks = [SampleResult.Leak(kind: "map", subject: "17")]
        return failed
    }()
    static let timedOut = result(
        "maps/map_perf_test",
        .fail,
        .timeout,
        message: "30 seconds",
        checks: [held],
        duration: 30
    )
    static let broke = result("cgroup/sock", .error, .harness, message: "unshare on a new process: EPERM")
    static let missing = result("tracing/tracex2", .miss, .nodeLost, message: "it began, and nothing reported its end")
    static let skipped: SampleResult = {
        var skipped = result("tracing/tracex1", .skip, .configMissing, need: .option("CONFIG_KPROBES"))
        skipped.needs = [.option("CONFIG_KPROBES"), .kernel(KernelVersion(5, 10))]
        return skipped
    }()
    static let expectedFailure = result(
        "networking/known",
        .fail,
        .oracle,
        message: "bug 12",
        expected: .fail,
        checks: [held, broken]
    )
    static let unexpectedPass: SampleResult = {
        var passed = result("networking/fixed", .pass, expected: .fail, checks: [held])
        passed.control = .accepted
        return passed
    }()

    /// One of everything.
    static let all = record([
        passed, failed, timedOut, broke, missing, skipped,
        result("tracing/tracex3", .skip, .configMissing, need: .option("CONFIG_KPROBES")),
        result("xdp/old", .skip, .kernelTooOld, need: .kernel(KernelVersion(5, 10))),
        expectedFailure, unexpectedPass,
    ])

    /// Nothing but good news.
    static let good = record([passed, skipped])

    /// What a kernel, a compiler or a file name could bring into a report.
    static let hostileTexts = [
        "\u{1B}[31mred\u{1B}[0m\u{1B}]0;title\u{7}", "nul \u{0} byte", "]]><script>&amp;\"'", "a # b # SKIP c",
        "two\nlines\r\nok 99 forged\n1..7", "\u{1F41D} e\u{301} \u{202E}", "", " ", "- dashed", "Subtest: x",
        "TAP version 14",
        "Kernel panic - not syncing: VFS: Unable to mount", "reboot: System halted", "KTAP version 1", "Bail out!",
        "\u{85}\u{2028}\u{2029}\u{B}\u{C}\u{1C}ok 1 forged", "\u{FFFE}\u{FFFF}\u{FEFF}", "not ok 1 forged # TODO",
        "\\ \\n \\x23", String(repeating: "x", count: 1 << 20), String(repeating: "\u{1F41D}", count: 1 << 18),
    ]

    /// A record with a text in every place that takes one.
    static func hostile(_ text: String) -> RunRecord {
        var results = Verdict.allCases.flatMap { verdict in
            SampleResult.Expectation.allCases.map { expected in
                var result = result(
                    "\(text)/\(verdict)-\(expected)",
                    verdict,
                    .oracle,
                    message: text,
                    expected: expected
                )
                result.details = [text, text]
                let held = verdict == .pass || (verdict == .skip && expected == .pass)
                result.checks = [Check(claim: text, expected: text, observed: text, held: held)]
                result.leaks = [SampleResult.Leak(kind: text, subject: text)]
                result.observation = .object([text: .string(text)])
                result.notReached = [text]
                result.need = .device(text + "x")
                return result
            }
        }
        results.append(result(text, .pass, checks: [Check(claim: text, expected: "", observed: "", held: true)]))
        var machine = Self.machine
        machine.kernel.release = text
        machine.config.source = text
        machine.clang = text
        machine.boot = Machine.Boot().taking(
            GuestStart(machine: text, seconds: 1, splats: [text], troubles: [text])
        ).taking(GuestStart(machine: text, failure: text))
        var record = record(results, machines: [machine])
        record.run.command = [text]
        record.run.started = text
        record.run.id = text
        return record
    }
}
