import Reporting
import RunModel
import Testing

/// The sentence that a check begins with.
struct CheckAnswerTests {
    private static let lockdown = Refusal.lockdown(mode: "integrity")

    private static func option(_ name: String, _ verdict: CheckVerdict, found: String = "absent") -> CheckResult {
        CheckResult(
            feature: name,
            level: .config,
            verdict: verdict,
            wanted: "y",
            found: found,
            evidence: ["\(name) is what it is"],
            remedy: verdict == .unmet ? "\(name)=y" : nil
        )
    }

    private static func feature(
        _ name: String,
        _ verdict: CheckVerdict,
        _ weight: CheckResult.Weight = .required,
        for purpose: String,
        because evidence: String = "kernel: supported",
        remedy: String? = nil
    ) -> CheckResult {
        CheckResult(
            feature: name,
            level: .attach,
            weight: weight,
            verdict: verdict,
            blocks: [purpose],
            evidence: [evidence],
            remedy: remedy
        )
    }

    private static func refused(_ name: String, _ weight: CheckResult.Weight, for purpose: String) -> CheckResult {
        feature(
            name,
            .denied,
            weight,
            for: purpose,
            because: "kernel: denied: \(lockdown.cause)",
            remedy: lockdown.remedy
        )
    }

    private static func answer(
        _ checks: [CheckResult],
        profile: String = "core",
        source: String = "/proc/config.gz",
        kernel: String? = "6.1.192",
        isHost: Bool = true,
        isAsked: Bool = true
    ) -> String {
        CheckAnswer(
            of: CheckRecord(
                source: source,
                identity: .verified,
                kernel: kernel,
                profile: profile,
                checks: checks,
                host: isHost ? ["bpf_jit_enable": "1"] : [:],
                probe: isAsked ? ProbeReport() : nil
            )
        ).sentence
    }

    @Test func `a host that has what BPF needs supports eBPF, whatever it lacks beside it`() {
        let met = Self.option("CONFIG_BPF_SYSCALL", .met, found: "y")
        #expect(Self.answer([met]) == "yes: this host (Linux 6.1.192) supports eBPF")
        let checks = [
            met,
            Self.feature("attach:kprobe", .unmet, .recommended, for: "kprobes", because: "kernel: absent"),
            Self.refused("attach:fentry", .recommended, for: "fentry and fexit"),
            Self.refused("attach:fexit", .recommended, for: "fentry and fexit"),
            Self.feature("attach:tc_action", .unmet, .optional, for: "tc actions", because: "kernel: absent"),
        ]
        #expect(
            Self.answer(checks)
                == "yes: this host (Linux 6.1.192) supports eBPF; recommended but missing: kprobes; "
                + "recommended but refused: fentry and fexit (the kernel is locked down for integrity)"
        )
    }

    @Test func `what was not asked is not told as if it had been`() {
        let met = [Self.option("CONFIG_BPF_SYSCALL", .met, found: "y")]
        #expect(
            Self.answer(met, isAsked: false)
                == "yes: this host (Linux 6.1.192) supports eBPF, by its options; the kernel itself was not asked"
        )
        #expect(
            Self.answer(met, profile: "lsm", source: ".config", isHost: false, isAsked: false)
                == "yes: Linux 6.1.192 (.config) has all that profile 'lsm' requires, by its options"
        )
        #expect(
            Self.answer(met, source: ".config", kernel: nil, isHost: false, isAsked: false)
                == "yes: the kernel of .config supports eBPF, by its options"
        )
    }

    @Test func `what is missing has its remedy by its kind, each once`() {
        let missing = [
            Self.option("CONFIG_KPROBES", .unmet), Self.option("CONFIG_KPROBE_EVENTS", .unmet),
            Self.feature("attach:kprobe", .unmet, for: "kprobes", remedy: "CONFIG_KPROBES=y\nCONFIG_KPROBE_EVENTS=y"),
        ]
        #expect(
            Self.answer(missing, profile: "tracing")
                == "no: this host (Linux 6.1.192) lacks what profile 'tracing' requires; CONFIG_KPROBES and "
                + "CONFIG_KPROBE_EVENTS are missing; add the lines that --fix prints to its config and build it anew"
        )
        let old = Self.feature("attach:tcx", .unmet, for: "tcx", remedy: "Linux 6.6 or later")
        #expect(Self.answer([old]).hasSuffix("; it is too old for tcx; use Linux 6.6 or later"))
        let denied = [
            Self.refused("attach:lsm", .required, for: "LSM"), Self.refused("effect:lsm", .required, for: "LSM"),
        ]
        #expect(
            Self.answer(denied, profile: "lsm")
                == "no: this host (Linux 6.1.192) refuses what profile 'lsm' requires; it refuses LSM: "
                + "\(Self.lockdown.cause); \(Self.lockdown.remedy)"
        )
        #expect(!Self.answer(denied).contains("ulimit") && !Self.answer(denied).contains("--fix"))
        let right = Refusal.capabilities(["CAP_BPF"])
        let unprivileged = Self.feature(
            "BPF_MAP_TYPE_HASH",
            .denied,
            for: "maps",
            because: "kernel: denied: \(right.cause)",
            remedy: right.remedy
        )
        #expect(
            Self.answer([unprivileged])
                == "no: this host (Linux 6.1.192) refuses to this process what eBPF needs; it refuses maps: needs CAP_BPF; "
                + right.remedy
        )
        let unmounted = Self.feature("mount:bpf", .unmet, for: "pinning", because: "not mounted", remedy: "mount it")
        #expect(Self.answer([unmounted]).hasSuffix("; it has no pinning: not mounted; mount it"))
    }

    @Test func `nothing known and a conflict are neither yes nor no`() {
        let unknown = [Self.option("CONFIG_BPF_SYSCALL", .unknown, found: "?")]
        #expect(
            Self.answer(unknown, source: "none")
                == "not known: whether this host (Linux 6.1.192) supports eBPF; no kernel config was found; "
                + "name one with --config, --image or --tree"
        )
        #expect(
            Self.answer(unknown, source: "x", isHost: false, isAsked: false).hasSuffix("give its own with --config")
        )
        let open = Self.feature("effect:lsm", .unknown, for: "LSM", because: "options: CONFIG_LSM does not list bpf")
        #expect(Self.answer([open]).hasSuffix("; undecided: LSM (CONFIG_LSM does not list bpf)"))
        let conflict = Self.feature("attach:xdp", .conflict, for: "XDP", because: "kernel: absent")
        #expect(Self.answer([conflict]).contains("its options and the kernel itself disagree about attach:xdp"))
        #expect(Self.answer([]).hasPrefix("not known: "))
    }

    @Test func `a config that is believed and does not tell is not called another kernel's`() {
        var record = CheckRecord(
            source: "part.config",
            identity: .unknown,
            kernel: nil,
            profile: "tracing",
            checks: [Self.option("CONFIG_KPROBES", .unknown, found: "?")],
            options: [:]
        )
        let sentence = CheckAnswer(of: record).sentence
        #expect(
            sentence.hasSuffix("; undecided: CONFIG_KPROBES (CONFIG_KPROBES is what it is); give a complete config")
        )
        #expect(!sentence.contains("believed"))
        record.options = nil
        #expect(CheckAnswer(of: record).sentence.contains("no config that belongs to this kernel can be believed"))
    }

    @Test func `a kernel that is too old is told one version, and each purpose once`() {
        let old = [("attach:tracepoint", "4.7"), ("attach:perf_event", "4.10"), ("attach:xdp", "4.8")].map {
            Self.feature($0.0, .unmet, for: "samples", remedy: "Linux \($0.1) or later")
        }
        #expect(Self.answer(old).hasSuffix("; it is too old for samples; use Linux 4.10 or later"))
    }

    @Test(arguments: CheckRecords.hostileTexts)
    func `foreign text stays in its line`(text: String) {
        let sentence = CheckAnswer(of: CheckRecords.hostile(text)).sentence
        #expect(sentence.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f })
    }

    @Test func `a fragment says what it does not mend`() {
        func advice(_ checks: [CheckResult], _ lines: String) -> FixAdvice {
            FixAdvice(of: CheckRecords.record(checks), beside: lines)
        }
        let missing = Self.option("CONFIG_A", .unmet)
        let denied = Self.refused("attach:lsm", .required, for: "LSM")
        #expect(advice([missing], "CONFIG_A=y\n").fragment == "CONFIG_A=y\n")
        #expect(advice([missing], "CONFIG_A=y\n").message == nil)
        let why = "it refuses LSM: \(Self.lockdown.cause); \(Self.lockdown.remedy)"
        #expect(advice([denied], "").message == "no fragment helps: \(why)")
        #expect(advice([denied], "").fragment == "# No line of a config mends this: \(why)\n")
        let both = advice([missing, denied], "CONFIG_A=y\n")
        #expect(both.fragment == "CONFIG_A=y\n# No line of a config mends this: \(why)\n")
        #expect(both.message == "the fragment does not mend everything: \(why)")
        #expect(advice([Self.option("CONFIG_A", .met)], "").message == nil)
        #expect(advice([Self.option("CONFIG_A", .unknown, found: "?")], "").message?.isEmpty == false)
    }
}
