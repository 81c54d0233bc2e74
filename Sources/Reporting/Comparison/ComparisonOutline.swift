import RunModel

/// A comparison laid out for people, before it is text or Markdown; nothing in it is escaped.
struct ComparisonOutline {
    /// What stands on the two sides: a label and what it is of.
    var sides: [(label: String, text: String)]
    /// What changed, what matters most first.
    var sections: [Section]
    /// The counts and the conclusion.
    var summary: String

    /// Changes that are taken alike.
    struct Section {
        var title: String
        var mood: Mood
        var entries: [Entry]
    }

    /// How a change is to be taken, for a colour.
    enum Mood {
        case good, bad, doubtful, neutral
    }

    /// One change.
    struct Entry {
        /// What changed.
        var subject: String
        /// From what to what: `met -> unmet`.
        var change: String
        /// What explains it, one per line.
        var details: [String]
    }

    /// Lays out a comparison of two checks.
    init(_ comparison: CheckComparison) {
        sides = [("before", Self.text(comparison.before)), ("after", Self.text(comparison.after))]
        sections = ChangeKind.allCases.compactMap { wanted in
            let entries = Self.entries(comparison.changes.filter { $0.kind == wanted })
            return entries.isEmpty ? nil : Section(title: wanted.title, mood: wanted.mood, entries: entries)
        }
        let columns = comparison.helpers
        let lists: [(String, Mood, KeyPath<HelperChange, [String]>)] = [
            ("helpers lost", .bad, \.lost), ("helpers not known any more", .doubtful, \.outOfSight),
            ("helpers gained", .good, \.gained),
        ]
        for (title, mood, helpers) in lists {
            let entries = columns.filter { !$0[keyPath: helpers].isEmpty }.map { column in
                Entry(
                    subject: column.title,
                    change: "\(column[keyPath: helpers].count)",
                    details: column[keyPath: helpers]
                )
            }
            if !entries.isEmpty { sections.append(Section(title: title, mood: mood, entries: entries)) }
        }
        // What explains a change stands beside it already.
        let told = Set(comparison.changes.flatMap(\.options).map(\.option))
        let rest = (comparison.options ?? []).filter { change in
            !told.contains(change.option) && !comparison.changes.contains { $0.feature == change.option }
        }
        if !rest.isEmpty {
            let entries = rest.map { Entry(subject: $0.option, change: "\($0.before) -> \($0.after)", details: []) }
            sections.append(Section(title: "other options with another value", mood: .neutral, entries: entries))
        }
        summary = Self.summary(
            comparison.changes.map(\.kind),
            others: lists.map { title, _, helpers in (title, columns.reduce(0) { $0 + $1[keyPath: helpers].count }) }
                + [("other options", rest.count)],
            common: "\(comparison.common) \(comparison.common == 1 ? "feature" : "features") in both",
            comparison.conclusion
        )
    }

    /// Lays out a comparison of two runs.
    init(_ comparison: RunComparison) {
        sides = [("before", Self.text(comparison.before)), ("after", Self.text(comparison.after))]
        for pair in comparison.machines {
            let name = pair.before == pair.after ? pair.after : "\(pair.before) -> \(pair.after)"
            if pair.before != pair.after {
                sides.append(("machine", "\(pair.before) is compared with \(pair.after): the only matching machines"))
            }
            sides += pair.options.map { ("option", "\(name): \($0.sentence)") }
        }
        sections = Self.sections(comparison.changes, kind: \.kind, entry: Self.entry)
        summary = Self.summary(
            comparison.changes.map(\.kind),
            others: [],
            common: "\(comparison.common) \(comparison.common == 1 ? "sample" : "samples") in both",
            comparison.conclusion
        )
    }

    private static func sections<Change>(
        _ changes: [Change],
        kind: (Change) -> ChangeKind,
        entry: (Change) -> Entry
    ) -> [Section] {
        ChangeKind.allCases.compactMap { wanted in
            let members = changes.filter { kind($0) == wanted }
            return members.isEmpty
                ? nil : Section(title: wanted.title, mood: wanted.mood, entries: members.map(entry))
        }
    }

    /// `regression: 2 regressions, 1 fix; 60 features in both`.
    private static func summary(
        _ kinds: [ChangeKind],
        others: [(title: String, count: Int)],
        common: String,
        _ conclusion: ComparisonConclusion
    ) -> String {
        let counted = ChangeKind.allCases.map { kind in (kind.title, kinds.count { $0 == kind }) } + others
        let counts = counted.filter { $0.1 > 0 }.map { "\($0.0): \($0.1)" }
        return "\(conclusion.words): \(counts.isEmpty ? "no differences" : counts.joined(separator: ", ")); \(common)"
    }
}

extension ComparisonOutline {
    private static func text(_ side: CheckComparison.Side) -> String {
        let version = "Linux \(side.kernel ?? "of an unknown version")"
        // A config that was compared as such was not asked for anything.
        if side.profile == CheckComparison.noProfile { return "\(side.source), \(version)" }
        return checkText(side)
    }

    /// Changes, those of many features that the same options explain under one of these.
    private static func entries(_ changes: [FeatureChange]) -> [Entry] {
        var order: [[String]] = []
        var groups: [[String]: [FeatureChange]] = [:]
        for change in changes {
            // What no option explains stands alone.
            let cause =
                change.options.isEmpty ? [change.level.rawValue, change.feature] : change.options.map(\.sentence)
            let key = [entry(change).change] + cause
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(change)
        }
        return order.flatMap { key -> [Entry] in
            let members = groups[key] ?? []
            guard members.count > 2 else { return members.map(entry) }
            let names = members.map(\.feature).joined(separator: ", ")
            return [
                Entry(
                    subject: "\(members.count) features",
                    change: key[0],
                    details: key.dropFirst() + LineWrap.lines(names, width: LineWrap.usualWidth - 4)
                )
            ]
        }
    }

    private static func checkText(_ side: CheckComparison.Side) -> String {
        "\(side.source) (\(side.identity.rawValue)), Linux \(side.kernel ?? "of an unknown version"), profile \(side.profile)"
    }

    private static func text(_ side: RunComparison.Side) -> String {
        let machines = side.machines.map { "\($0.id) Linux \($0.kernel.release) \($0.kernel.arch)" }
        return (["run \(side.run) of \(side.started)"] + machines).joined(separator: ", ")
    }

    private static func entry(_ change: FeatureChange) -> Entry {
        let hasOtherWeight =
            change.before != nil && change.after != nil && change.before?.weight != change.after?.weight
        func words(_ finding: FeatureChange.Finding?) -> String? {
            finding.map { hasOtherWeight ? "\($0.verdict.rawValue), \($0.weight.rawValue)" : $0.verdict.rawValue }
        }
        return Entry(
            subject: change.feature,
            change: arrow(words(change.before), words(change.after)),
            details: change.options.map(\.sentence)
                + Self.details(change.before?.evidence ?? [], change.after?.evidence ?? [])
        )
    }

    private static func entry(_ change: CellChange) -> Entry {
        func words(_ outcome: CellChange.Outcome?) -> String? {
            outcome.map { outcome in
                let notes = [
                    outcome.reason?.rawValue, outcome.need?.description,
                    outcome.expected == .fail ? "expected to fail" : nil,
                ].compactMap(\.self)
                return outcome.verdict.rawValue + (notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))")
            }
        }
        let form = change.variant == .surrogate ? " (surrogate)" : ""
        let old = change.before?.machine
        let machine = old == nil || old == change.machine ? change.machine : "\(old ?? "") -> \(change.machine)"
        // The message of an oracle's verdict is a number that stands there already.
        let told = change.numbers.flatMap { number in
            [number.before, number.after].compactMap { $0.map { "\(number.claim): \($0.words)" } }
        }
        return Entry(
            subject: "\(machine) \(change.sample)\(form)",
            change: arrow(words(change.before), words(change.after)),
            details: change.options.map(\.sentence) + change.numbers.map(\.sentence)
                + Self.details(
                    [change.before?.message ?? ""].filter { !$0.isEmpty && !told.contains($0) },
                    [change.after?.message ?? ""].filter { !$0.isEmpty && !told.contains($0) }
                )
        )
    }

    private static func arrow(_ before: String?, _ after: String?) -> String {
        [before, after].compactMap(\.self).joined(separator: " -> ")
    }

    /// What both sides say alike explains no change.
    private static func details(_ before: [String], _ after: [String]) -> [String] {
        before.filter { !after.contains($0) }.map { "was: \($0)" }
            + after.filter { !before.contains($0) }.map { "is: \($0)" }
    }
}

extension NumberChange {
    /// `ICMP bytes counted: expected 980, found 980 -> expected 980, found 990`.
    fileprivate var sentence: String {
        "\(claim): \([before.map(\.words) ?? "not checked", after.map(\.words) ?? "not checked"].joined(separator: " -> "))"
    }
}

extension NumberChange.Reading {
    fileprivate var words: String { "expected \(expected), found \(observed)" }
}

extension ChangeKind {
    fileprivate var mood: ComparisonOutline.Mood {
        switch self {
        case .regression: .bad
        case .unclear: .doubtful
        case .fix: .good
        case .verdict, .reason, .need, .numbers, .weight, .new, .gone: .neutral
        }
    }

    /// The heading over changes of the kind.
    fileprivate var title: String {
        switch self {
        case .regression: "regressions"
        case .unclear: "not known"
        case .fix: "fixes"
        case .verdict: "other verdicts"
        case .reason: "other reasons"
        case .need: "other needs"
        case .numbers: "other numbers"
        case .weight: "other weights"
        case .new: "new"
        case .gone: "gone"
        }
    }
}
