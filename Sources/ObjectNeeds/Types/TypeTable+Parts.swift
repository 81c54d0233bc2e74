import FileBytes

/// What follows a type in the table.
extension TypeTable {
    /// A member of a struct or union.
    struct Member {
        let nameOffset: UInt32
        let type: UInt32
        /// Bits from the beginning.
        let bitOffset: UInt32
        /// Bits of a bit field, 0 for any other member.
        let bitSize: UInt32
    }

    /// A member by its place.
    func member(_ index: Int, of record: Record) -> Member? {
        guard record.kind == .record || record.kind == .union, (0..<record.count).contains(index) else { return nil }
        let base = record.base + index * 12
        guard let name = records.number(at: base, as: UInt32.self),
            let type = records.number(at: base + 4, as: UInt32.self),
            let offset = records.number(at: base + 8, as: UInt32.self)
        else { return nil }
        return Member(
            nameOffset: name,
            type: type,
            bitOffset: record.isFlagged ? offset & 0xFF_FFFF : offset,
            bitSize: record.isFlagged ? offset >> 24 : 0
        )
    }

    /// A value of an enumeration: its name, and its bits with those of the sign.
    func enumerator(_ index: Int, of record: Record) -> (nameOffset: UInt32, value: UInt64)? {
        guard (0..<record.count).contains(index) else { return nil }
        switch record.kind {
        case .enumeration:
            let base = record.base + index * 8
            guard let name = records.number(at: base, as: UInt32.self),
                let value = records.number(at: base + 4, as: Int32.self)
            else { return nil }
            return (name, UInt64(bitPattern: Int64(value)))
        case .enumeration64:
            let base = record.base + index * 12
            guard let name = records.number(at: base, as: UInt32.self),
                let low = records.number(at: base + 4, as: UInt32.self),
                let high = records.number(at: base + 8, as: UInt32.self)
            else { return nil }
            return (name, UInt64(high) << 32 | UInt64(low))
        default: return nil
        }
    }

    /// A parameter of a function's prototype: its type.
    func parameter(_ index: Int, of record: Record) -> UInt32? {
        guard record.kind == .prototype, (0..<record.count).contains(index) else { return nil }
        return records.number(at: record.base + index * 8 + 4)
    }

    /// An array's element and length.
    func array(_ record: Record) -> (element: UInt32, length: UInt32)? {
        guard record.kind == .array, let element = records.number(at: record.base, as: UInt32.self),
            let length = records.number(at: record.base + 8, as: UInt32.self)
        else { return nil }
        return (element, length)
    }

    /// How an integer is encoded: bit 0 signed, 1 a character, 2 a boolean; and where its bits begin in a form that is no
    /// longer written.
    func integer(_ record: Record) -> (encoding: UInt32, bitOffset: UInt32)? {
        guard record.kind == .int, let bits = records.number(at: record.base, as: UInt32.self) else { return nil }
        return (bits >> 24 & 15, bits >> 16 & 0xFF)
    }

    /// A type without names, qualifiers and tags around it.
    ///
    /// A chain of them is short; a longer one is a loop in a hostile file.
    func stripped(_ number: UInt32) -> Record? {
        var number = number
        for _ in 0..<32 {
            guard let record = record(number) else { return nil }
            switch record.kind {
            case .typeTag, .typedef, .volatile, .const, .restrict: number = record.sizeOrType
            default: return record
            }
        }
        return nil
    }

    /// The bytes that a value of a type takes, arrays with all their elements; `nil` for what has no size.
    func size(of number: UInt32) -> UInt32? {
        var number = number
        var elements: UInt32 = 1
        for _ in 0..<32 {
            guard let record = record(number) else { return nil }
            switch record.kind {
            case .int, .record, .union, .enumeration, .enumeration64, .section, .float:
                return product(elements, record.sizeOrType)
            case .pointer: return product(elements, 8)
            case .typedef, .volatile, .const, .restrict, .variable, .declarationTag, .typeTag:
                number = record.sizeOrType
            case .array:
                guard let array = array(record), let count = product(elements, array.length) else { return nil }
                elements = count
                number = array.element
            case .forward, .function, .prototype, .unknown: return nil
            }
        }
        return nil
    }

    private func product(_ left: UInt32, _ right: UInt32) -> UInt32? {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? nil : product
    }

    /// The type in C's words, such as `struct task_struct`.
    func words(for number: UInt32) -> String {
        guard let record = record(number) else { return "void" }
        let name = name(of: record)
        let shown = name.isEmpty ? "without a name" : name
        return switch record.kind {
        case .record: "struct \(shown)"
        case .union: "union \(shown)"
        case .enumeration, .enumeration64: "enum \(shown)"
        case .forward: "\(record.isFlagged ? "union" : "struct") \(shown)"
        default: shown
        }
    }
}
