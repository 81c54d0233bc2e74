import Reporting
import RunModel
import Testing

@Suite struct `the text report` {
    @Test func `says what went wrong first and counts last`() {
        #expect(
            TextReport().render(Records.all) == """
                FAIL host xdp/xdp1 (oracle)
                    packets counted: expected 980, found 882
                    | verifier: processed 17 insns
                FAIL host maps/map_perf_test (timeout)
                    30 seconds
                ERROR host cgroup/sock (harness)
                    unshare on a new process: EPERM
                MISS host tracing/tracex2 (node_lost)
                    it began, and nothing reported its end
                XFAIL host networking/known (oracle)
                    packets counted: expected 980, found 882
                XPASS host networking/fixed
                    passed, although it was expected to fail
                leaked:
                  host xdp/xdp1: map 17
                controls accepted (these oracles passed with the stimulus withheld, so they prove nothing):
                  host networking/fixed
                PASS host networking/sockex1
                2 skipped: CONFIG_KPROBES is off: tracing/tracex1, tracing/tracex3
                1 skipped: kernel < 5.10: xdp/old
                slowest:
                  [ 30.000s] host maps/map_perf_test
                  [  2.000s] host xdp/xdp1
                  [  1.503s] host networking/sockex1
                environment:
                  host: Linux 6.1.192 x86_64, config /boot/config-6.1.192 (verified), Debian clang version 14.0.6, libbpf 1.1
                  bpf-assay 0.1, run r1 of 2026-11-22T12:00:00Z
                Reproduce: bpf-assay run --tree '/usr/src/my tree' --sample xdp/xdp1 --sample maps/map_perf_test
                2 passed, 2 failed, 3 skipped, 1 error, 1 missing, 1 failed as expected

                """
        )
    }

    @Test func `is short where all is well`() {
        #expect(
            TextReport().render(Records.good) == """
                PASS host networking/sockex1
                1 skipped: CONFIG_KPROBES is off: tracing/tracex1
                slowest:
                  [  1.503s] host networking/sockex1
                environment:
                  host: Linux 6.1.192 x86_64, config /boot/config-6.1.192 (verified), Debian clang version 14.0.6, libbpf 1.1
                  bpf-assay 0.1, run r1 of 2026-11-22T12:00:00Z
                1 passed, 0 failed, 1 skipped

                """
        )
    }

    @Test func `names every sample, and its last line counts them all`() {
        let text = TextReport().render(Records.all)
        for result in Records.all.results { #expect(text.contains(result.sample), "no \(result.sample)") }
        let last = text.split(separator: "\n").last ?? ""
        let numbers = last.split { !("0"..."9").contains($0) }.compactMap { Int($0) }
        #expect(numbers.reduce(0, +) == Records.all.results.count)
    }

    @Test func `leaves the passes out where the reader has just seen them`() {
        let text = TextReport(listsPasses: false).render(Records.good)
        #expect(!text.contains("PASS") && text.hasSuffix("\n1 passed, 0 failed, 1 skipped\n"))
    }

    @Test func `breaks a long list of skipped samples, and says on which machine`() {
        var results = (10..<30).map { number in
            Records.result("tracing/sample\(number)", .skip, .configMissing, need: .option("CONFIG_KPROBES"))
        }
        let lines = TextReport().render(Records.record(results)).split(separator: "\n").filter { $0.contains("sample") }
        #expect(lines.count == 5 && lines.allSatisfy { $0.utf8.count <= 101 }, "\(lines)")
        #expect(lines[0].hasPrefix("20 skipped: CONFIG_KPROBES is off: tracing/sample10, "))
        #expect(lines[1].hasPrefix("    tracing/sample"))
        var second = results[0]
        second.machine = "vm:6.1"
        results = [results[0], second, results[1]]
        let text = TextReport().render(Records.record(results))
        #expect(
            text.contains(
                "3 skipped: CONFIG_KPROBES is off: tracing/sample10 on 2 machines, tracing/sample11 on host\n"
            )
        )
    }

    @Test func `says that a sample is on the deny list, and names no other lack`() {
        var result = Records.result("tracing/tracex1", .skip, .denyListed, expected: .fail)
        let text = TextReport().render(Records.record([result]))
        #expect(
            text.contains("\n1 skipped: on the deny list: tracing/tracex1\n") || text.hasPrefix("1 skipped: on the")
        )
        // Its reason is the user's own words, whatever else it would have lacked.
        (result.message, result.need) = ("hangs on this board", .option("CONFIG_KPROBES"))
        let said = TextReport().render(Records.record([result]))
        #expect(said.contains("1 skipped: on the deny list: tracing/tracex1\n") && !said.contains("CONFIG_KPROBES"))
    }

    @Test func `says what a passing sample could not look at`() {
        var result = Records.passed
        result.notReached = ["an event that never fired"]
        let text = TextReport().render(Records.record([result]))
        #expect(text.contains("not reached on this machine:\n  host networking/sockex1: an event that never fired\n"))
    }

    @Test func `names at most the five slowest`() {
        let results = (1...9).map { Records.result("s/\($0)", .pass, duration: Double($0)) }
        let text = TextReport().render(Records.record(results))
        #expect(text.contains("[  5.000s] host s/5"))
        #expect(!text.contains("s] host s/4"))
    }

    @Test func `says that a run was cut short`() {
        #expect(TextReport().render(Records.record([], ended: nil)).contains("the run was cut short"))
    }

    @Test func `colours words only when asked`() {
        #expect(!TextReport().render(Records.all).contains("\u{1B}"))
        let coloured = TextReport(colour: true).render(Records.all)
        #expect(coloured.contains("\u{1B}[1;31mFAIL\u{1B}[0m host xdp/xdp1"))
        #expect(coloured.hasSuffix("\n2 passed, 2 failed, 3 skipped, 1 error, 1 missing, 1 failed as expected\n"))
    }

    @Test(arguments: Records.hostileTexts)
    func `cannot be steered by foreign text`(text: String) {
        let report = TextReport().render(Records.hostile(text))
        #expect(
            report.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)) }
        )
        #expect(report.hasSuffix("\n3 passed, 1 failed, 2 skipped, 2 errors, 2 missing, 1 failed as expected\n"))
        #expect(report.utf8.count < 64 * 20_000)
    }
}

@Suite struct `a progress line` {
    @Test func `is one line for a pass`() {
        let lines = ProgressLine().lines(for: Records.passed, number: 12, of: 65)
        #expect(lines == ["PASS [  1.503s] (12/65) host networking/sockex1"])
    }

    @Test func `carries evidence for a failure`() {
        #expect(
            ProgressLine().lines(for: Records.failed, number: 2, of: 65) == [
                "FAIL [  2.000s] ( 2/65) host xdp/xdp1",
                "    oracle: packets counted: expected 980, found 882",
                "    | verifier: processed 17 insns",
                "    LEAK: map 17",
            ]
        )
    }

    @Test(arguments: [
        (Records.timedOut, "FAIL", "    timeout: 30 seconds"),
        (Records.broke, "ERROR", "    harness: unshare on a new process: EPERM"),
        (Records.missing, "MISS", "    node_lost: it began, and nothing reported its end"),
        (Records.skipped, "SKIP", "    CONFIG_KPROBES is off"),
        (Records.expectedFailure, "XFAIL", "    oracle: packets counted: expected 980, found 882"),
        (Records.unexpectedPass, "XPASS", "    passed, although it was expected to fail"),
    ])
    func `says why for everything else`(result: SampleResult, word: String, evidence: String) {
        let lines = ProgressLine().lines(for: result, number: 1, of: 1)
        #expect(lines[0].hasPrefix("\(word) ["))
        #expect(lines[1] == evidence)
    }

    @Test func `shows a sample that needed several tries`() {
        var flaky = Records.passed
        flaky.attempts = [Verdict.fail, .fail, .pass].map {
            SampleResult.Attempt(verdict: $0, reason: nil, message: "", duration: 1)
        }
        let lines = ProgressLine().lines(for: flaky, number: 1, of: 1)
        #expect(lines == ["PASS [  1.503s] (1/1) host networking/sockex1 (flaky 1/3)"])
    }

    @Test(arguments: [(Double.nan, "  0.000s"), (-1, "  0.000s"), (.infinity, "  0.000s"), (1e300, "1000000000.000s")])
    func `shows some number for a duration that is none`(duration: Double, text: String) {
        var result = Records.passed
        result.duration = duration
        #expect(ProgressLine().lines(for: result, number: 1, of: 1)[0].hasPrefix("PASS [\(text)]"))
    }
}
