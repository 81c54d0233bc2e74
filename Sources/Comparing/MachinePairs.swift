import RunModel

/// Which machines of two runs are compared with each other.
///
/// Those of the same name are. Of the rest, the only one of a kind (`host`, or a virtual machine) that is left in one run belongs
/// to the only one of that kind that is left in the other: two kernels in virtual machines are compared. Where each run has one
/// machine in all, the two belong together whatever they are. With more left nobody can tell which is which.
struct MachinePairs {
    /// The pairs, in the second run's order.
    let pairs: [MachinePair]
    /// What is known of the options of each pair, by the machine's name in the second run.
    private let values: [String: (old: OptionValues, new: OptionValues)]
    /// The machines' names in the second run by those in the first.
    private let newNames: [String: String]

    init(of before: RunRecord, and after: RunRecord) {
        let (old, new) = (Self.names(before), Self.names(after))
        var partners = Dictionary(uniqueKeysWithValues: new.filter(Set(old).contains).map { ($0, $0) })
        let gone = Dictionary(grouping: old.filter { partners[$0] == nil }, by: Self.kind)
        let come = Dictionary(grouping: new.filter { partners[$0] == nil }, by: Self.kind)
        for (kind, right) in come {
            if let left = gone[kind], left.count == 1, right.count == 1 { partners[right[0]] = left[0] }
        }
        if old.count == 1, new.count == 1 { partners[new[0]] = old[0] }
        var values: [String: (old: OptionValues, new: OptionValues)] = [:]
        let (oldOptions, newOptions) = (OptionValues.byMachine(old, of: before), OptionValues.byMachine(new, of: after))
        pairs = new.compactMap { name in
            guard let partner = partners[name] else { return nil }
            let known = (old: oldOptions[partner] ?? OptionValues(), new: newOptions[name] ?? OptionValues())
            values[name] = known
            let options = known.old.changes(in: known.new.names, to: known.new)
            return MachinePair(before: partner, after: name, options: options)
        }
        self.values = values
        newNames = Dictionary(pairs.map { ($0.before, $0.after) }) { first, _ in first }
    }

    /// What became of options that texts name, between a machine of the second run and its partner in the first.
    func options(in texts: [String], on machine: String) -> [OptionChange] {
        values[machine].map { $0.old.changes(in: texts, to: $0.new) } ?? []
    }

    /// A machine of the first run by its partner's name in the second.
    func renamed(_ machine: String) -> String {
        newNames[machine] ?? machine
    }

    /// The machines that a record describes or has results of.
    private static func names(_ record: RunRecord) -> [String] {
        var seen: Set<String> = []
        return (record.machines.map(\.id) + record.results.map(\.machine)).filter { seen.insert($0).inserted }
    }

    /// `host`, or `vm` of `vm:6.1.0`.
    private static func kind(_ name: String) -> String {
        name.split(separator: ":").first.map { String($0) } ?? ""
    }
}
