import RunModel

/// The macros that say which helpers a program type may call: `BPF__PROG_TYPE_xdp__HELPER_bpf_redirect 1`.
struct HelperMacros {
    private let columns: [HelperColumn]
    /// Every helper that some type was asked for, so that a type that is not there can say no to each.
    private let known: [String]

    init(_ columns: [HelperColumn]?) {
        self.columns = columns ?? []
        var known: Set<String> = []
        for column in self.columns {
            known.formUnion(column.supported + column.sleepableOnly + column.absent)
            known.formUnion(column.inconclusive.map(\.helper))
        }
        self.known = known.filter { MacroText.identifier($0) != nil }.sorted {
            Array($0.utf8).lexicographicallyPrecedes($1.utf8)
        }
    }

    /// The lines of the section; one that says so where no kernel was asked.
    var lines: [String] {
        let groups = Grouped(
            columns.filter { MacroText.identifier($0.programType, without: "BPF_PROG_TYPE_") != nil },
            by: \.programType
        )
        if groups.isEmpty { return [MacroText.comment("not known: the kernel was not asked")] }
        let notAsked = Set(columns.flatMap(\.notAsked)).sorted()
        let note = MacroText.comment(
            "not asked, since loading one changes or warns: \(notAsked.joined(separator: ", "))"
        )
        return (notAsked.isEmpty ? [] : [note]) + groups.flatMap(lines)
    }

    /// A type's macros: 1 where a program of one of its attach types may call the helper, 0 where none may.
    private func lines(_ programType: String, _ columns: [HelperColumn]) -> [String] {
        let word = (MacroText.identifier(programType, without: "BPF_PROG_TYPE_") ?? "").lowercased()
        let asked = columns.filter { $0.notAskedBecause == nil }
        let isUnknown = columns.contains { $0.notAskedBecause?.word == .inconclusive }
        let supported = Set(asked.flatMap(\.supported))
        let sleepable = Set(asked.flatMap(\.sleepableOnly)).subtracting(supported)
        let undecided = Set(asked.flatMap { $0.inconclusive.map(\.helper) }).subtracting(supported)
        // A type that is absent or refused lets nobody call anything.
        let absent = asked.isEmpty ? Set(known) : Set(asked.flatMap(\.absent)).union(sleepable)
        var lines: [String] = []
        for (names, state) in [(sleepable, "only in programs that may sleep"), (undecided, "not known")]
        where !names.isEmpty {
            lines.append(MacroText.comment("\(programType): \(state): \(names.sorted().joined(separator: ", "))"))
        }
        if isUnknown { lines.append(MacroText.comment("\(programType): not known: the type could not be asked")) }
        for helper in known {
            let macro = "#define BPF__PROG_TYPE_\(word)__HELPER_\(helper)"
            if supported.contains(helper) {
                lines.append("\(macro) 1")
            } else if absent.contains(helper), !undecided.contains(helper), !isUnknown {
                lines.append("\(macro) 0")
            }
        }
        return lines
    }
}

/// Values by a key, the keys in the order in which they come first.
struct Grouped<Value>: Sequence {
    private var groups: [(String, [Value])] = []

    init(_ values: some Sequence<Value>, by key: (Value) -> String) {
        var position: [String: Int] = [:]
        for value in values {
            let name = key(value)
            if let index = position[name] {
                groups[index].1.append(value)
            } else {
                position[name] = groups.count
                groups.append((name, [value]))
            }
        }
    }

    /// Whether there are no values.
    var isEmpty: Bool { groups.isEmpty }

    func makeIterator() -> IndexingIterator<[(String, [Value])]> { groups.makeIterator() }
}
