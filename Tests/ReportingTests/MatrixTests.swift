import Reporting
import RunModel
import Testing

@Suite struct `samples by kernel` {
    static let machines = ["vm:6.1.0-56-amd64", "vm:6.12.117+deb12-rt-amd64", "host"].map { id in
        var machine = Records.machine
        machine.id = id
        return machine
    }

    static let record: RunRecord = {
        func on(_ machine: Int, _ result: SampleResult) -> SampleResult {
            var copy = result
            copy.machine = machines[machine].id
            return copy
        }
        var surrogate = Records.passed
        surrogate.variant = .surrogate
        return Records.record(
            [
                on(0, Records.passed), on(0, Records.skipped), on(0, Records.failed), on(1, Records.passed),
                on(1, Records.skipped), on(1, Records.missing), on(1, Records.expectedFailure), on(2, Records.broke),
                on(2, surrogate),
            ],
            machines: machines
        )
    }()

    @Test func `stand at the end of the text as a table, with a word for what came of each`() {
        let text = TextReport().render(Self.record)
        #expect(
            text.hasSuffix(
                """
                samples by kernel:
                  1: vm:6.1.0-56-amd64
                  2: vm:6.12.117+deb12-rt-amd64
                  3: host
                                                  1                     2                     3
                  networking/sockex1              PASS                  PASS                  -
                  tracing/tracex1                 SKIP(CONFIG_KPROBES)  SKIP(CONFIG_KPROBES)  -
                  xdp/xdp1                        FAIL(oracle)          -                     -
                  tracing/tracex2                 -                     MISS(node_lost)       -
                  networking/known                -                     XFAIL                 -
                  cgroup/sock                     -                     -                     ERROR(harness)
                  networking/sockex1 (surrogate)  -                     -                     PASS
                3 passed, 1 failed, 2 skipped, 1 error, 1 missing, 1 failed as expected

                """
            ),
            "\(text)"
        )
    }

    @Test func `are no table where there is one machine`() {
        #expect(!TextReport().render(Records.all).contains("samples by kernel"))
    }

    @Test func `are coloured by their words alone`() {
        let text = TextReport(colour: true).render(Self.record)
        #expect(text.contains("\u{1B}[1;31mFAIL(oracle)"))
        #expect(text.contains("\u{1B}[1;33mSKIP(CONFIG_KPROBES)"))
    }

    @Test func `say once what several machines could not reach`() {
        var record = Self.record
        for index in [0, 3] { record.results[index].notReached = ["an event"] }
        record.results[2].notReached = ["another"]
        let text = TextReport().render(record)
        #expect(text.contains("  2 machines networking/sockex1: an event\n  vm:6.1.0-56-amd64 xdp/xdp1: another\n"))
    }

    @Test func `are Markdown, with failures first and skips by need`() {
        let text = MarkdownReport().render(Self.record)
        #expect(
            text.hasPrefix(
                """
                # eBPF samples: failed

                **3 PASS, 1 FAIL, 1 ERROR, 1 MISS, 2 SKIP, 1 XFAIL**

                | machine | kernel | config | pass | fail | error | miss | skip |
                | --- | --- | --- | --- | --- | --- | --- | --- |
                | `vm:6.1.0-56-amd64` | `6.1.192 x86_64` | `/boot/config-6.1.192` (verified) | 1 | 1 | 0 | 0 | 1 |
                | `vm:6.12.117+deb12-rt-amd64` | `6.1.192 x86_64` | `/boot/config-6.1.192` (verified) | 1 | 1 | 0 | 1 | 1 |
                | `host` | `6.1.192 x86_64` | `/boot/config-6.1.192` (verified) | 1 | 0 | 1 | 0 | 0 |

                ## Failures

                | machine | sample | reason | evidence |
                | --- | --- | --- | --- |
                | `vm:6.1.0-56-amd64` | `xdp/xdp1` | oracle | `packets counted: expected 980, found 882` |

                """
            ),
            "\(text)"
        )
        #expect(text.contains("| `xdp/xdp1` | `FAIL(oracle)` |  |  |"))
        #expect(text.contains("| `vm:6.1.0-56-amd64` | `CONFIG_KPROBES is off` | `tracing/tracex1` |"))
    }

    @Test func `say what was logged while machines started`() {
        var record = Self.record
        var boot = Machine.Boot().taking(GuestStart(machine: "", seconds: 2, splats: ["WARNING: x"], troubles: ["y"]))
        boot = boot.taking(GuestStart(machine: "", failure: "it hung"))
        record.machines[0].boot = boot
        #expect(
            TextReport().render(record).contains(
                """
                while virtual machines started:
                  vm:6.1.0-56-amd64: the kernel logged: WARNING: x
                  vm:6.1.0-56-amd64: y
                  vm:6.1.0-56-amd64: a start failed: it hung

                """
            )
        )
        let markdown = MarkdownReport().render(record)
        #expect(markdown.contains("| `vm:6.1.0-56-amd64` | logged | `WARNING: x` |"))
        #expect(markdown.contains("| `vm:6.1.0-56-amd64` | did not start | `it hung` |"))
    }

    @Test func `say that a run was cut short, and that nothing was selected`() {
        #expect(MarkdownReport().render(Records.record([], ended: nil)).contains("cut short"))
        #expect(MarkdownReport().render(Records.record([])).hasPrefix("# eBPF samples: none were selected\n"))
    }

    @Test(arguments: Records.hostileTexts)
    func `cannot be steered by foreign text`(text: String) {
        let report = MarkdownReport().render(Records.hostile(text))
        #expect(
            report.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)) }
        )
    }
}

extension `GitHub's renderer` {
    @Test(arguments: Records.hostileTexts)
    func `is not misled by a run either`(text: String) async throws {
        let report = MarkdownReport().render(Records.hostile(text))
        let html = try await Self.read(report)
        let rows = report.split(separator: "\n").count { $0.hasPrefix("| ") && !$0.hasPrefix("| ---") }
        #expect(html.ranges(of: "<tr>").count == rows, "\(html.prefix(2000))")
        for mark in ["<a ", "<img", "<script", "<em>", "<del>"] { #expect(!html.contains(mark)) }
    }
}
