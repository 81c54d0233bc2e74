public import RunModel

/// A check as a C header, with the macros of `bpftool feature probe kernel macros` (bpftool 7.1) and its sections.
///
/// `HAVE_X` says that the kernel answered yes, `NO_HAVE_X` that it answered no or refused; where nobody knows, a comment
/// stands in place of either, and the macro of a helper is not defined, which `#if` takes for 0. A type that has several
/// attach types is there when one of them is, and a helper when a program of one of them may call it.
public struct CheckMacros: CheckFormat {
    /// `macros`.
    public let name = "macros"

    /// Creates the format.
    public init() {}

    /// Renders a check; never throws.
    public func render(_ record: CheckRecord) -> String {
        let heading =
            "eBPF of Linux \(record.kernel ?? "unknown"), config \(record.source) (\(record.identity.rawValue))"
        let sections = [
            [MacroText.comment(heading)],
            ["/*** Misc kernel config items ***/", hertz(record)],
            ["/*** System call availability ***/", systemCall(record)],
            ["/*** eBPF program types ***/"]
                + types(record.probe?.programTypes, record, prefix: "BPF_PROG_TYPE_", suffix: "_PROG_TYPE"),
            ["/*** eBPF map types ***/"]
                + types(record.probe?.mapTypes, record, prefix: "BPF_MAP_TYPE_", suffix: "_MAP_TYPE"),
            ["/*** eBPF helper functions ***/"] + Self.helperMacro + HelperMacros(record.probe?.helpers).lines,
            ["/*** eBPF misc features ***/"] + verifier(record.probe?.verifier),
        ]
        return sections.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    private static let helperMacro = [
        "/* '#if HAVE_PROG_TYPE_HELPER(xdp, bpf_redirect)' holds where an XDP program may call bpf_redirect(). */",
        "#define HAVE_PROG_TYPE_HELPER(prog_type, helper) BPF__PROG_TYPE_ ## prog_type ## __HELPER_ ## helper",
    ]

    private func hertz(_ record: CheckRecord) -> String {
        let option = "CONFIG_HZ"
        guard let value = record.options?[option] else { return MacroText.comment("\(option) is not known") }
        if let number = MacroText.number(value) { return "#define \(option) \(number)" }
        return MacroText.comment(
            ["absent", "not set"].contains(value) ? "\(option) is not set" : "\(option) is '\(value)'"
        )
    }

    private func systemCall(_ record: CheckRecord) -> String {
        let answers = ((record.probe?.programTypes ?? []) + (record.probe?.mapTypes ?? [])).map(\.answer)
        if answers.contains(.supported) { return "#define HAVE_BPF_SYSCALL" }
        let option = record.checks.last { $0.feature == "CONFIG_BPF_SYSCALL" && $0.level == .config }
        switch option?.verdict {
        case .met, .metModule: return "#define HAVE_BPF_SYSCALL"
        case .unmet: return "#define NO_HAVE_BPF_SYSCALL"
        case .notApplicable, .denied, .unknown, .conflict, nil: return MacroText.comment("BPF_SYSCALL is not known")
        }
    }

    /// Without a probe the findings about types are taken, which the options are enough for.
    private func types(
        _ probed: [ProbedType]?,
        _ record: CheckRecord,
        prefix: String,
        suffix: String
    ) -> [String] {
        let types = probed ?? record.checks.filter { $0.level == .load }.compactMap(ProbedType.init)
        let groups = Grouped(types.filter { MacroText.identifier($0.name, without: prefix) != nil }, by: \.name)
        if groups.isEmpty { return [MacroText.comment("not known: the kernel was not asked")] }
        return groups.flatMap { name, types in
            let word = (MacroText.identifier(name, without: prefix) ?? "") + suffix
            let notes = types.filter { $0.answer != .supported && $0.answer != .absent }.map { type in
                MacroText.comment("\(type.title): \(type.answer.word.rawValue): \(type.answer.reason ?? "")")
            }
            return notes + macro(word, types.map(\.answer))
        }
    }

    private func verifier(_ features: [ProbedType]?) -> [String] {
        let features = (features ?? []).filter { MacroText.identifier($0.name) != nil }
        if features.isEmpty { return [MacroText.comment("not known: the kernel was not asked")] }
        return features.flatMap { macro($0.name, [$0.answer]) }
    }

    private func macro(_ word: String, _ answers: [ProbeAnswer]) -> [String] {
        let words = answers.map(\.word)
        if words.contains(.supported) { return ["#define HAVE_\(word)"] }
        return words.contains(.inconclusive)
            ? [MacroText.comment("HAVE_\(word) is not known")] : ["#define NO_HAVE_\(word)"]
    }
}

extension ProbedType {
    /// A finding about a type as an answer.
    fileprivate init?(_ check: CheckResult) {
        let answer: ProbeAnswer =
            switch check.verdict {
            case .met, .metModule: .supported
            case .unmet: .absent
            case .denied: .denied(check.evidence.joined(separator: "; "))
            case .notApplicable, .unknown, .conflict: .inconclusive(check.reason)
            }
        let parts = check.feature.split(separator: "/", maxSplits: 1)
        guard let name = parts.first else { return nil }
        self.init(name: String(name), attachType: parts.count == 2 ? String(parts[1]) : nil, answer: answer)
    }
}
