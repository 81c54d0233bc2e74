package import RunModel

/// A feature that a check reports on, and what it needs of a kernel.
package struct FeatureRule: Sendable {
    /// The name that probes and profiles use too: `BPF_PROG_TYPE_XDP`, `BPF_MAP_TYPE_HASH`, `attach:kprobe`.
    package let name: String
    /// How deep a probe of it goes.
    package let level: CheckResult.Level
    /// The first version that has it.
    package let since: RuleTable.Since
    /// What must be on, all of it, those of the program type first.
    package let options: [OptionDemand]
}

extension RuleTable {
    /// Every feature that a check reports on, in the order of the table.
    package var features: [FeatureRule] { rows.compactMap { feature(of: $0) } }

    /// The rule of a feature, `nil` for one that the table does not know.
    ///
    /// A program type of one attach type (`BPF_PROG_TYPE_TRACING/BPF_TRACE_ITER`) is looked up as it stands, then by
    /// its type alone.
    package func feature(_ name: String) -> FeatureRule? {
        for (kind, prefix) in Self.prefixes where name.hasPrefix(prefix) {
            let rest = String(name.dropFirst(prefix.count))
            if let row = row(kind, rest) { return feature(of: row) }
            guard kind == .program, let type = rest.split(separator: "/").first else { continue }
            guard let row = row(kind, String(type)), let rule = feature(of: row) else { continue }
            return FeatureRule(name: name, level: rule.level, since: rule.since, options: rule.options)
        }
        return nil
    }

    /// What stands before a row's name in a feature's.
    private static let prefixes: [(Kind, String)] = [
        (.program, "BPF_PROG_TYPE_"), (.map, "BPF_MAP_TYPE_"), (.link, "BPF_LINK_TYPE_"), (.attach, "attach:"),
        (.effect, "effect:"), (.subsystem, "subsystem:"),
    ]

    private func feature(of row: Row) -> FeatureRule? {
        guard let prefix = Self.prefixes.first(where: { $0.0 == row.kind })?.1 else { return nil }
        var options = [OptionDemand(option: "CONFIG_BPF_SYSCALL")]
        if let type = row["type"], row.kind != .program { options += self.row(.program, type)?.options ?? [] }
        for option in row.options where !options.contains(option) { options.append(option) }
        return FeatureRule(name: prefix + row.name, level: Self.level(of: row.kind), since: row.since, options: options)
    }

    private static func level(of kind: Kind) -> CheckResult.Level {
        switch kind {
        case .attach, .link: .attach
        case .effect: .effect
        case .program, .map: .load
        case .section, .oldSection, .helper, .kfunc, .feature, .subsystem: .config
        }
    }
}
