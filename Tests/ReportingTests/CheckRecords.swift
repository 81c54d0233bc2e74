import RunModel

/// Small checks that the formats are pinned on.
enum CheckRecords {
    static func record(_ checks: [CheckResult], probe: ProbeReport? = nil) -> CheckRecord {
        CheckRecord(
            source: "/proc/config.gz",
            identity: .verified,
            kernel: "6.1.192",
            profile: "core",
            checks: checks,
            notes: ["a note"],
            host: ["/proc/sys/net/core/bpf_jit_enable": "1"],
            probe: probe,
            options: ["CONFIG_HZ": "250"]
        )
    }

    static func check(
        _ feature: String,
        _ verdict: CheckVerdict,
        _ weight: CheckResult.Weight = .required,
        level: CheckResult.Level = .config
    ) -> CheckResult {
        CheckResult(
            feature: feature,
            level: level,
            weight: weight,
            verdict: verdict,
            wanted: "y",
            found: "m",
            blocks: ["tc filters"],
            evidence: [".config:5: \(feature)"],
            remedy: "\(feature)=y"
        )
    }

    /// Nothing but good news, at every depth.
    static let good = record([
        check("CONFIG_BPF", .met), check("CONFIG_NET_CLS_BPF", .metModule),
        check("BPF_PROG_TYPE_XDP", .met, level: .load),
        check("attach:xdp", .met, level: .attach), check("effect:lsm", .met, level: .effect),
    ])

    /// Every verdict with every weight, each with a name of its own.
    static let pairs = CheckVerdict.allCases.flatMap { verdict in
        CheckResult.Weight.allCases.map { weight in check("CONFIG_\(verdict)_\(weight)", verdict, weight) }
    }

    /// A probe with every answer, and with helpers of every kind.
    static let probe: ProbeReport = {
        var xdp = HelperColumn(programType: "BPF_PROG_TYPE_XDP")
        xdp.supported = ["bpf_redirect", "bpf_map_lookup_elem"]
        xdp.absent = ["bpf_skb_load_bytes"]
        xdp.sleepableOnly = ["bpf_copy_from_user"]
        xdp.notAsked = ["bpf_trace_printk"]
        xdp.inconclusive = [HelperColumn.Undecided(helper: "bpf_get_func_ip", reason: "errno 524")]
        var iterator = HelperColumn(programType: "BPF_PROG_TYPE_TRACING", attachType: "BPF_TRACE_ITER")
        iterator.supported = ["bpf_map_lookup_elem"]
        iterator.absent = ["bpf_redirect", "bpf_get_func_ip"]
        var entry = HelperColumn(programType: "BPF_PROG_TYPE_TRACING", attachType: "BPF_TRACE_FENTRY")
        entry.notAskedBecause = .denied("a policy")
        var gone = HelperColumn(programType: "BPF_PROG_TYPE_LIRC_MODE2")
        gone.notAskedBecause = .absent
        var unknown = HelperColumn(programType: "BPF_PROG_TYPE_EXT")
        unknown.notAskedBecause = .inconclusive("errno 7")
        return ProbeReport(
            programTypes: [
                ProbedType(name: "BPF_PROG_TYPE_XDP", answer: .supported),
                ProbedType(name: "BPF_PROG_TYPE_TRACING", attachType: "BPF_TRACE_FENTRY", answer: .denied("a policy")),
                ProbedType(name: "BPF_PROG_TYPE_TRACING", attachType: "BPF_TRACE_ITER", answer: .supported),
                ProbedType(name: "BPF_PROG_TYPE_LIRC_MODE2", answer: .absent),
                ProbedType(name: "BPF_PROG_TYPE_EXT", answer: .inconclusive("errno 7")),
            ],
            mapTypes: [
                ProbedType(name: "BPF_MAP_TYPE_HASH", answer: .supported),
                ProbedType(name: "BPF_MAP_TYPE_ARENA", answer: .absent),
                ProbedType(name: "BPF_MAP_TYPE_RHASH", answer: .denied("no CAP_BPF")),
            ],
            helpers: [xdp, entry, iterator, gone, unknown],
            attachPoints: [ProbedType(name: "attach:xdp", answer: .supported)],
            verifier: [
                ProbedType(name: "LARGE_INSN_LIMIT", answer: .supported),
                ProbedType(name: "BOUNDED_LOOPS", answer: .absent),
            ],
            linkTypes: [ProbedType(name: "BPF_LINK_TYPE_XDP", answer: .supported)],
            effects: [ProbedType(name: "effect:lsm", answer: .denied("no bpf in lsm="))]
        )
    }()

    /// Hostile texts, the long ones just long enough to be cut: a check repeats each in some two hundred places.
    static let hostileTexts =
        Records.hostileTexts.filter { $0.utf8.count < 4096 } + [String(repeating: "x\u{1F41D}", count: 4096)]

    /// A record with a text in every place that takes one: at each depth five findings, of every standing and a note.
    static func hostile(_ text: String) -> CheckRecord {
        let checks = CheckResult.Level.allCases.flatMap { level in
            zip(1..., [CheckVerdict.met, .metModule, .unmet, .unknown, .notApplicable]).map { number, verdict in
                CheckResult(
                    feature: number == 1 ? text : "\(text)\(number)",
                    level: level,
                    verdict: verdict,
                    wanted: text,
                    found: text,
                    blocks: [text, text],
                    evidence: [text, text],
                    remedy: text
                )
            }
        }
        var record = record(checks, probe: hostileProbe(text))
        record.source = text
        record.kernel = text
        record.profile = text
        record.notes = [text]
        record.host = [text: text]
        record.options = ["CONFIG_HZ": text, text: text]
        return record
    }

    private static func hostileProbe(_ text: String) -> ProbeReport {
        var probe = probe
        for prefix in ["", "BPF_PROG_TYPE_", "BPF_PROG_TYPE_XDP "] {
            let name = prefix + text
            probe.programTypes.append(ProbedType(name: name, attachType: text, answer: .inconclusive(text)))
            probe.programTypes.append(ProbedType(name: name, answer: .supported))
            var column = HelperColumn(programType: name, attachType: text)
            column.supported = [text]
            column.absent = [text + "x"]
            column.notAsked = [text]
            column.inconclusive = [HelperColumn.Undecided(helper: text, reason: text)]
            probe.helpers.append(column)
        }
        probe.programTypes.append(
            ProbedType(name: "BPF_PROG_TYPE_SYSCALL", attachType: text, answer: .denied(text))
        )
        probe.helpers[0].sleepableOnly.append(text)
        probe.helpers[0].notAsked.append(text)
        probe.mapTypes.append(ProbedType(name: "BPF_MAP_TYPE_" + text, answer: .denied(text)))
        probe.attachPoints.append(ProbedType(name: text, answer: .denied(text)))
        probe.verifier?.append(ProbedType(name: text, answer: .denied(text)))
        return probe
    }
}
