import Comparing
import Reporting
import RunModel
import Testing

@Suite struct `the formats of a comparison` {
    static let kprobes: CheckComparison = {
        var before = CheckRecords.record(CheckRecords.good.checks, probe: CheckRecords.probe)
        before.options = ["CONFIG_KPROBES": "y"]
        before.checks.append(CheckRecords.check("attach:kprobe", .met, level: .attach))
        var after = before
        after.options = ["CONFIG_KPROBES": "not set"]
        after.checks[5].verdict = .unmet
        after.checks[5].evidence = ["CONFIG_KPROBES is off"]
        after.probe?.helpers[0].supported = ["bpf_map_lookup_elem", "bpf_copy_from_user"]
        after.probe?.helpers[0].absent = ["bpf_redirect"]
        return CheckComparison(of: before, to: after)
    }()

    static let runs = RunComparison(
        of: Records.record([Records.passed, Records.failed, Records.skipped]),
        to: Records.record([
            Records.result("networking/sockex1", .fail, .timeout, message: "30 seconds"),
            Records.result("tracing/tracex1", .pass), Records.missing,
        ])
    )

    @Test func `are found by their names`() {
        #expect(ComparisonFormats.names == ["text", "json", "markdown"])
        for name in ComparisonFormats.names { #expect(ComparisonFormats.named(name)?.name == name) }
        #expect(ComparisonFormats.named("ktap") == nil)
    }

    @Test func `show two checks as text`() {
        #expect(
            ComparisonText().render(Self.kprobes) == """
                before   /proc/config.gz (verified), Linux 6.1.192, profile core
                after    /proc/config.gz (verified), Linux 6.1.192, profile core

                regressions:
                  attach:kprobe: met -> unmet
                    CONFIG_KPROBES went from y to not set
                    was: .config:5: attach:kprobe
                    is: CONFIG_KPROBES is off

                helpers lost:
                  BPF_PROG_TYPE_XDP: 1
                    bpf_redirect

                helpers gained:
                  BPF_PROG_TYPE_XDP: 1
                    bpf_copy_from_user

                regression: regressions: 1, helpers lost: 1, helpers gained: 1; 8 features in both

                """
        )
    }

    @Test func `show two runs as text`() {
        #expect(
            ComparisonText().render(Self.runs) == """
                before   run r1 of 2026-11-22T12:00:00Z, host Linux 6.1.192 x86_64
                after    run r1 of 2026-11-22T12:00:00Z, host Linux 6.1.192 x86_64

                regressions:
                  host networking/sockex1: pass -> fail (timeout)
                    is: 30 seconds

                other verdicts:
                  host tracing/tracex1: skip (config_missing, CONFIG_KPROBES) -> pass

                new:
                  host tracing/tracex2: miss (node_lost)
                    is: it began, and nothing reported its end

                gone:
                  host xdp/xdp1: fail (oracle)
                    was: packets counted: expected 980, found 882

                regression: regressions: 1, other verdicts: 1, new: 1, gone: 1; 2 samples in both

                """
        )
    }

    @Test func `colour headings and the sum, and only where that was asked for`() {
        #expect(!ComparisonText().render(Self.runs).contains("\u{1B}"))
        let text = ComparisonText(colour: true).render(Self.runs)
        #expect(text.contains("\u{1B}[1;31mregressions:\u{1B}[0m\n") && text.contains("\u{1B}[1mnew:\u{1B}[0m\n"))
        #expect(text.contains("\n\u{1B}[1;31mregression: regressions: 1"))
        let plain = text.replacing(/\u{1B}\[[0-9;]*m/, with: "")
        #expect(plain == ComparisonText().render(Self.runs))
    }

    @Test func `show two checks as Markdown`() {
        #expect(
            ComparisonMarkdown().render(Self.kprobes).hasPrefix(
                """
                # Comparison: regression

                |  | of |
                | --- | --- |
                | before | `/proc/config.gz (verified), Linux 6.1.192, profile core` |
                | after | `/proc/config.gz (verified), Linux 6.1.192, profile core` |

                **regression: regressions: 1, helpers lost: 1, helpers gained: 1; 8 features in both**

                ## regressions

                | what | change | evidence |
                | --- | --- | --- |
                | `attach:kprobe` | `met -> unmet` | `CONFIG_KPROBES went from y to not set`<br>\
                `was: .config:5: attach:kprobe`<br>`is: CONFIG_KPROBES is off` |

                """
            )
        )
    }

    /// Two checks and two runs that differ, with a text in every place that takes one.
    static func hostile(_ text: String) -> (CheckComparison, RunComparison) {
        let before = CheckRecords.hostile(text)
        var after = before
        for index in after.checks.indices {
            after.checks[index].verdict = after.checks[index].verdict == .met ? .unmet : .met
            after.checks[index].evidence = [text + "x"]
        }
        after.probe?.helpers[2].supported = []
        after.probe?.helpers[2].absent = [text]
        let run = Records.hostile(text)
        var other = run
        for index in other.results.indices {
            other.results[index].verdict = other.results[index].verdict == .pass ? .fail : .pass
            other.results[index].message = text + "x"
        }
        return (CheckComparison(of: before, to: after), RunComparison(of: run, to: other))
    }

    @Test(arguments: CheckRecords.hostileTexts)
    func `hold no control character, and no line that a text made`(text: String) throws {
        let (checks, runs) = Self.hostile(text)
        let lines = ComparisonText().render(checks).split(separator: "\n").count
        #expect(lines == ComparisonText().render(Self.hostile("plain").0).split(separator: "\n").count)
        let other = ComparisonText().render(runs).split(separator: "\n").count
        #expect(abs(other - ComparisonText().render(Self.hostile("plain").1).split(separator: "\n").count) <= 20)
        for rendered in [
            ComparisonText().render(checks), ComparisonText().render(runs), ComparisonMarkdown().render(checks),
            ComparisonMarkdown().render(runs),
        ] {
            let bad = rendered.unicodeScalars.first { $0 != "\n" && ($0.value < 0x20 || $0.value == 0x7F) }
            #expect(bad == nil)
        }
    }

    @Test func `show a regression wherever it is`() throws {
        for index in CheckRecords.good.checks.indices {
            var after = CheckRecords.good
            after.checks[index].verdict = .denied
            let comparison = CheckComparison(of: CheckRecords.good, to: after)
            for format in ComparisonFormats.all {
                let text = try format.render(comparison)
                #expect(text.contains(after.checks[index].feature) && text.contains("regression"), "\(text)")
                let same = try format.render(CheckComparison(of: after, to: after))
                #expect(!same.contains("regressions") && same.contains("no regression"), "\(same)")
            }
        }
    }
}

extension `GitHub's renderer` {
    @Test(arguments: texts)
    func `is not misled by a comparison either`(text: String) async throws {
        let (checks, runs) = `the formats of a comparison`.hostile(text)
        for report in [ComparisonMarkdown().render(checks), ComparisonMarkdown().render(runs)] {
            let html = try await Self.read(report)
            let rows = report.split(separator: "\n").count { $0.hasPrefix("| ") && !$0.hasPrefix("| ---") }
            #expect(html.ranges(of: "<tr>").count == rows, "\(html)")
            for mark in ["<a ", "<img", "<script", "<em>", "<del>"] { #expect(!html.contains(mark), "\(html)") }
        }
    }
}
