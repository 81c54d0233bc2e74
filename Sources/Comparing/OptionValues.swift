import RunModel

/// What a record says of the values of options, for putting beside a changed verdict what explains it.
struct OptionValues: Sendable {
    private let values: [String: String]
    /// The options, by name.
    var names: [String] { values.keys.sorted() }

    /// Takes them from a check: what it says it looked at, and what its findings about options found.
    init(of record: CheckRecord) {
        self.init(of: record.checks, and: record.options ?? [:])
    }

    /// Takes them from a run, for each of these machines by name, in one pass over what was checked.
    static func byMachine(_ names: [String], of record: RunRecord) -> [String: OptionValues] {
        // A finding that names no machine, as in records of the first version, is of the first one.
        let first = record.machines.first?.id
        let checks = Dictionary(grouping: record.checks) { $0.machine ?? first }
        let ofNobody = checks[nil] ?? []
        let options = Dictionary(record.machines.map { ($0.id, $0.options ?? [:]) }) { first, _ in first }
        let values = names.map { name in
            (name, OptionValues(of: (checks[name] ?? []) + ofNobody, and: options[name] ?? [:]))
        }
        return Dictionary(values) { first, _ in first }
    }

    /// Takes them from the findings of a run or check.
    init(of checks: [CheckResult] = [], and options: [String: String] = [:]) {
        var values = options
        // "?" stands for a value that no trusted source gives.
        for check in checks where check.level == .config {
            if let found = check.found, found != "?" { values[check.feature] = found }
        }
        self.values = values
    }

    /// What became of options between two records, in the order in which texts name them.
    ///
    /// An option whose value either record does not know explains nothing, nor does one that is off in both in other words.
    ///
    /// - Parameters:
    ///   - texts: What may hold the names of options.
    ///   - after: The second record's values.
    /// - Returns: The options whose values differ.
    func changes(in texts: [String], to after: OptionValues) -> [OptionChange] {
        var seen: Set<String> = []
        return texts.flatMap(Self.options).filter { seen.insert($0).inserted }.compactMap { option in
            guard let old = values[option], let new = after.values[option], old != new,
                !Self.off.contains(old) || !Self.off.contains(new)
            else { return nil }
            return OptionChange(option: option, before: old, after: new)
        }
    }

    /// The ways of saying that an option is off: not there in this version or for lack of another, or left out.
    private static let off: Set<String> = ["absent", "not set", "n"]

    /// The names of options in a text: `CONFIG_` and what can follow it.
    static func options(in text: String) -> [String] {
        let prefix = Array("CONFIG_".utf8)
        let bytes = Array(text.utf8)
        var names: [String] = []
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, isWord(bytes[end]) { end += 1 }
            if end - start > prefix.count, bytes[start..<end].starts(with: prefix) {
                names.append(String(decoding: bytes[start..<end], as: UTF8.self))
            }
            start = max(end, start + 1)
        }
        return names
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
