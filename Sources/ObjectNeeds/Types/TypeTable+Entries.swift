import FileBytes

/// The table as those read it who look at a few types: entries with all that belongs to them.
extension TypeTable {
    struct Entry {
        let name: String
        let kind: Kind
        /// A size in bytes, or another type's number.
        let sizeOrType: UInt32
        /// Members of a record, variables of a section: name, and type's number.
        let members: [(name: String, type: UInt32)]
        /// How many elements an array has.
        let length: UInt32
    }

    subscript(_ number: UInt32) -> Entry? { record(number).map { entry($0) } }

    private func entry(_ record: Record) -> Entry {
        var members: [(String, UInt32)] = []
        var length: UInt32 = 0
        switch record.kind {
        case .record, .union:
            members = (0..<record.count).compactMap { index in
                member(index, of: record).map { (string(at: $0.nameOffset) ?? "", $0.type) }
            }
        case .section:
            members = (0..<record.count).compactMap { index in
                records.number(at: record.base + index * 12).map { ("", $0) }
            }
        case .array:
            if let array = array(record) {
                members = [("", array.element)]
                length = array.length
            }
        default: break
        }
        return Entry(
            name: name(of: record),
            kind: record.kind,
            sizeOrType: record.sizeOrType,
            members: members,
            length: length
        )
    }

    /// What a section (`BTF_KIND_DATASEC`) holds: variables, and functions that are declared there.
    func contents(ofSection name: String) -> [(name: String, type: UInt32, isFunction: Bool)] {
        (1..<UInt32(count + 1)).compactMap { record($0) }.filter { $0.kind == .section && self.name(of: $0) == name }
            .flatMap { entry($0).members }.compactMap {
                guard let entry = self[$0.type], entry.kind == .variable || entry.kind == .function else { return nil }
                return (entry.name, entry.sizeOrType, entry.kind == .function)
            }
    }

    /// The variables of a section, with what C calls their linkage: 0 static, 1 global, 2 extern.
    func variables(ofSection name: String) -> [(name: String, type: UInt32, linkage: UInt32)] {
        (1..<UInt32(count + 1)).compactMap { record($0) }.filter { $0.kind == .section && self.name(of: $0) == name }
            .flatMap { entry($0).members }.compactMap { member in
                guard let variable = record(member.type), variable.kind == .variable,
                    let linkage = records.number(at: variable.base, as: UInt32.self)
                else { return nil }
                return (self.name(of: variable), variable.sizeOrType, linkage)
            }
    }

    /// A type with names, qualifiers and tags taken off; the tags are handed out.
    ///
    /// A chain of them is short; a longer one is a loop in a hostile file.
    func resolved(_ number: UInt32, tags: inout [String]) -> Entry? {
        var number = number
        for _ in 0..<32 {
            guard let record = record(number) else { return nil }
            switch record.kind {
            case .typeTag: tags.append(name(of: record))
            case .typedef, .volatile, .const, .restrict: break
            default: return entry(record)
            }
            number = record.sizeOrType
        }
        return nil
    }

    func resolved(_ number: UInt32) -> Entry? {
        var tags: [String] = []
        return resolved(number, tags: &tags)
    }
}
