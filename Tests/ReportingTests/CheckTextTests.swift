import Reporting
import RunModel
import Testing

/// What a person reads of a check.
struct CheckTextTests {
    private static func option(
        _ name: String,
        _ verdict: CheckVerdict,
        weight: CheckResult.Weight = .required,
        wanted: String = "y",
        found: String,
        blocks: [String] = [],
        evidence: [String] = [],
        remedy: String? = nil
    ) -> CheckResult {
        CheckResult(
            feature: name,
            level: .config,
            weight: weight,
            verdict: verdict,
            wanted: wanted,
            found: found,
            blocks: blocks,
            evidence: evidence,
            remedy: remedy
        )
    }

    private static func record(_ checks: [CheckResult], probe: ProbeReport? = nil) -> CheckRecord {
        CheckRecord(
            source: ".config",
            identity: .unknown,
            kernel: "6.1.192",
            profile: "mine",
            checks: checks,
            probe: probe
        )
    }

    private static let options = [
        option("CONFIG_A", .metModule, wanted: "m", found: "m"),
        option(
            "CONFIG_B",
            .unmet,
            found: "absent",
            blocks: ["tc"],
            evidence: [".config does not mention CONFIG_B", "CONFIG_B depends on CONFIG_P, which is not set"],
            remedy: "CONFIG_P=y\nCONFIG_B=y"
        ),
        option(
            "CONFIG_C",
            .unmet,
            weight: .optional,
            found: "not set",
            blocks: ["xdp"],
            evidence: [".config:6: # CONFIG_C is not set"],
            remedy: "CONFIG_C=y"
        ),
        option("CONFIG_D", .notApplicable, found: "absent"),
        option("CONFIG_E", .met, found: "y"),
    ]

    @Test func `the answer comes first, then what is missing under what it blocks, with lines to copy`() {
        let expected = """
            no: Linux 6.1.192 (.config) lacks what profile 'mine' requires, by its options;
            CONFIG_B is missing; add the lines that --fix prints to its config and build it
            anew

            config   .config (taken as is)
            kernel   6.1.192
            profile  mine

            missing:
              for tc
                CONFIG_B=y
                  .config does not mention CONFIG_B
                  CONFIG_B depends on CONFIG_P, which is not set
                  remedy:
                    CONFIG_P=y
                    CONFIG_B=y

            missing, optional:
              for xdp: CONFIG_C

            mine: unmet: 2 met, 1 unmet, 1 optional missing, 1 not asked of this kernel
            --verbose shows every option and feature

            """
        #expect(CheckText().render(Self.record(Self.options)) == expected)
        #expect(CheckText(colour: true).render(Self.record(Self.options)).hasPrefix("\u{1b}[1;31mno: "))
    }

    @Test func `the rest is shown on request`() {
        let expected = """

            missing, optional:
              for xdp
                CONFIG_C=y
                  .config:6: # CONFIG_C is not set

            OPTION    WANTED  FOUND    VERDICT         NOTE
            CONFIG_B  y       absent   unmet           for tc
            CONFIG_C  y       not set  unmet           optional, for xdp
            CONFIG_A  m       m        met-module
            CONFIG_E  y       y        met
            CONFIG_D  y       absent   not-applicable

            mine: unmet: 2 met, 1 unmet, 1 optional missing, 1 not asked of this kernel

            """
        #expect(CheckText(verbose: true).render(Self.record(Self.options)).hasSuffix(expected))
        let text = CheckText(colour: true, verbose: true).render(Self.record(Self.options))
        #expect(text.contains("\u{1b}[31munmet"))
    }

    @Test(arguments: [40, 60, 80, 132], [false, true])
    func `no line is wider than the terminal`(width: Int, verbose: Bool) {
        var checks = Self.options
        checks += (1...150).map { number in
            CheckResult(
                feature: "attach:later\(number)",
                level: .attach,
                weight: .informative,
                verdict: number % 2 == 0 ? .notApplicable : .denied,
                evidence: ["kernel: denied: the kernel is locked down for integrity"]
            )
        }
        checks += (1...25).map { number in
            CheckResult(
                feature: "attach:refused\(number)",
                level: .attach,
                verdict: .denied,
                blocks: ["purpose \(number)"],
                evidence: ["kernel: denied: the kernel is locked down for integrity", "options: CONFIG_A is on"],
                remedy: Refusal.lockdown(mode: "integrity").remedy
            )
        }
        var record = Self.record(checks)
        record.notes = ["other programs may read a config that says something else: /boot/config-6.1: suspect"]
        let text = CheckText(verbose: verbose, width: width).render(record)
        let wide = text.split(separator: "\n").filter {
            $0.count > width && !$0.hasPrefix("CONFIG_") && !$0.hasPrefix("attach:")
        }
        #expect(wide.filter { !$0.hasPrefix("OPTION") } == [], "\(wide)")
        // 25 refusals of one cause are told once, and with one remedy.
        let told = text.split(separator: "\n").count { $0.hasPrefix("    ") && $0.contains("locked down") }
        #expect(told <= 2, "\(text)")
    }

    @Test func `features are counted by kind, and those that are not there stand under their reason`() {
        func feature(_ name: String, _ verdict: CheckVerdict, _ evidence: String) -> CheckResult {
            CheckResult(feature: name, level: .load, weight: .informative, verdict: verdict, evidence: [evidence])
        }
        let text = CheckText(verbose: true).render(
            Self.record([
                feature("BPF_PROG_TYPE_XDP", .met, "kernel: supported"),
                feature("BPF_PROG_TYPE_LSM", .denied, "kernel: denied: needs CAP_BPF"),
                feature("BPF_PROG_TYPE_EXT", .denied, "kernel: denied: needs CAP_BPF"),
                feature("attach:xdp", .conflict, "kernel: absent"), feature("attach:tcx", .notApplicable, "later"),
            ])
        )
        #expect(text.contains("  program types  1 of 3\n  attach points  0 of 2\n"))
        #expect(text.contains("  denied BPF_PROG_TYPE_LSM, BPF_PROG_TYPE_EXT: needs CAP_BPF\n"))
        #expect(text.contains("  not in this version: attach:tcx\n"))
        // A conflict matters to everybody, asked for or not.
        #expect(
            text.contains("the options and the kernel disagree:\n  for what the profile asks for\n    attach:xdp\n")
        )
        #expect(text.hasSuffix("mine: conflict: 1 in conflict that nobody asked for\n"))
    }

    @Test func `a feature that is asked for stands in the table like an option`() {
        let asked = CheckResult(
            feature: "attach:kprobe",
            level: .attach,
            verdict: .met,
            blocks: ["tracex"],
            evidence: ["kernel: supported", "options: CONFIG_KPROBES is on"]
        )
        let text = CheckText(verbose: true).render(Self.record(Self.options + [asked]))
        #expect(text.contains("\nattach:kprobe      yes     supported  met             for tracex\n"), "\(text)")
        #expect(text.contains("\nOPTION OR FEATURE  WANTED  FOUND      VERDICT         NOTE\n"))
    }

    @Test func `reasons that all share are said once`() {
        let unknown = ["A", "B"].map {
            Self.option("CONFIG_\($0)", .unknown, found: "?", evidence: ["no config was found"])
        }
        let text = CheckText().render(Self.record(unknown))
        #expect(text.split(separator: "\n").count { $0.contains("no config was found") } == 1)
        #expect(text.contains("\nunknown:\n  CONFIG_A=y, CONFIG_B=y\n    no config was found\n"))
        #expect(text.contains("\nmine: inconclusive: 2 unknown\n"))
    }

    @Test func `an explanation and a remedy that several share are told once`() {
        let why = "CONFIG_P has no prompt: the kernel's build decides on it"
        let checks = ["A", "B", "C"].map { name in
            Self.option(
                "CONFIG_\(name)",
                .unmet,
                found: "absent",
                blocks: ["tc"],
                evidence: [".config does not mention CONFIG_\(name)", why],
                remedy: "CONFIG_P=y\nCONFIG_Q=y"
            )
        }
        let lines = CheckText().render(Self.record(checks)).split(separator: "\n").map(String.init)
        #expect(lines.count { $0.contains(why) } == 1 && lines.count { $0 == "        CONFIG_P=y" } == 1)
        #expect(lines.count { $0.contains("does not mention") } == 3)
    }

    @Test func `what the options only promise is not counted as there`() {
        func effect(_ name: String, _ verdict: CheckVerdict, _ evidence: String) -> CheckResult {
            CheckResult(feature: name, level: .effect, verdict: verdict, evidence: [evidence])
        }
        let promised = [
            effect("effect:lsm", .met, "options: CONFIG_LSM lists bpf"), effect("effect:xdp", .met, "options: on"),
            effect("attach:xdp", .unknown, "no trustworthy config says"),
        ]
        let text = CheckText(verbose: true).render(Self.record(promised))
        #expect(text.contains("  effects        2 of 2 promised by the options, not asked\n"), "\(text)")
        #expect(text.contains("  attach points  0 of 1, 1 not known\n"), "\(text)")
        #expect(text.hasSuffix("mine: inconclusive: 2 promised by the options, 1 unknown\n"), "\(text)")
        let asked = CheckText(verbose: true).render(
            Self.record([
                effect("effect:lsm", .denied, "kernel: denied: x"), effect("effect:xdp", .met, "kernel: supported"),
            ])
        )
        #expect(asked.contains("  effects  1 of 2\n"), "\(asked)")
    }

    @Test func `helpers are counted on request`() {
        var column = HelperColumn(programType: "BPF_PROG_TYPE_XDP")
        column.supported = ["bpf_map_lookup_elem", "bpf_xdp_adjust_head"]
        column.absent = ["bpf_d_path"]
        let record = Self.record(Self.options, probe: ProbeReport(helpers: [column]))
        #expect(
            CheckText(helpers: true).render(record).contains(
                "BPF_PROG_TYPE_XDP          2          0       1        0          0\n"
            )
        )
        #expect(!CheckText().render(record).contains("HELPERS OF"))
        let none = Self.record(Self.options, probe: ProbeReport())
        #expect(CheckText(helpers: true).render(none).contains("no program type could be asked"))
    }

    @Test func `nothing that others wrote moves a terminal's cursor, and no line ends in blanks`() {
        let hostile = "\u{1b}[2J\u{202e}\n\u{7}x"
        let check = Self.option(
            "CONFIG_\(hostile)",
            .unmet,
            found: hostile,
            blocks: [hostile],
            evidence: [hostile],
            remedy: hostile
        )
        let feature = CheckResult(feature: "attach:\(hostile)", level: .attach, verdict: .denied, evidence: [hostile])
        var record = Self.record([check, feature])
        record.source = hostile
        record.notes = [hostile]
        record.host = ["lsm": hostile]
        let text = CheckText().render(record)
        #expect(
            text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && $0.value != 0x7f && $0 != "\u{202e}") }
        )
        #expect(!text.split(separator: "\n").contains { $0.hasSuffix(" ") })
    }
}
