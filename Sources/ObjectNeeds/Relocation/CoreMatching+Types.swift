/// Whether whole types stand for one another.
extension CoreMatching {
    /// Whether a type may stand for another (`bpf_core_type_exists`): equal kinds down to what pointers point to.
    mutating func isCompatible(_ mine: UInt32, _ theirs: UInt32, level: Int) throws(CoreFailure) -> Bool {
        guard let first = local.record(mine) else { throw .damaged }
        guard let second = target.record(theirs) else { throw .damagedTarget }
        guard first.isKind(of: second) else { return false }
        var (mine, theirs) = (mine, theirs)
        for _ in 0..<32 {
            try spend()
            guard let left = local.strippedOrVoid(mine) else { throw .damaged }
            guard let right = target.strippedOrVoid(theirs) else { throw .damagedTarget }
            guard case (.type(let left), .type(let right)) = (left, right) else { return left.isVoid && right.isVoid }
            guard left.isKind(of: right) else { return false }
            switch left.kind {
            case .record, .union, .enumeration, .enumeration64, .forward: return true
            case .int: return local.integer(left)?.bitOffset == 0 && target.integer(right)?.bitOffset == 0
            case .pointer: (mine, theirs) = (left.sizeOrType, right.sizeOrType)
            case .array:
                guard let inner = local.array(left), let outer = target.array(right) else { return false }
                (mine, theirs) = (inner.element, outer.element)
            case .prototype:
                guard left.count == right.count else { return false }
                for index in 0..<left.count {
                    guard level > 0 else { throw .tooDeep }
                    guard let inner = local.parameter(index, of: left), let outer = target.parameter(index, of: right)
                    else {
                        throw .damaged
                    }
                    guard try isCompatible(afterStripping: inner, outer, level: level - 1) else { return false }
                }
                (mine, theirs) = (left.sizeOrType, right.sizeOrType)
            default: return false
            }
        }
        throw .tooDeep
    }

    private mutating func isCompatible(afterStripping mine: UInt32, _ theirs: UInt32, level: Int) throws(CoreFailure)
        -> Bool
    {
        guard let left = local.strippedOrVoid(mine) else { throw .damaged }
        guard let right = target.strippedOrVoid(theirs) else { throw .damagedTarget }
        guard case (.type(let left), .type(let right)) = (left, right) else { return left.isVoid && right.isVoid }
        return try isCompatible(left.id, right.id, level: level)
    }

    /// Whether a type is alike in all its parts (`bpf_core_type_matches`).
    ///
    /// Behind a pointer names and kinds are enough.
    mutating func matches(
        _ mine: UInt32,
        _ theirs: UInt32,
        isBehindPointer: Bool,
        level: Int
    ) throws(CoreFailure) -> Bool {
        guard level > 0 else { throw .tooDeep }
        var (mine, theirs, isBehindPointer) = (mine, theirs, isBehindPointer)
        for _ in 0..<32 {
            try spend()
            guard let left = local.strippedOrVoid(mine) else { throw .damaged }
            guard let right = target.strippedOrVoid(theirs) else { throw .damagedTarget }
            guard case (.type(let left), .type(let right)) = (left, right) else {
                // Void has no name, so that only what has none either is left to compare.
                return left.isVoid && right.isVoid
            }
            guard namesMatch(left.nameOffset, right.nameOffset) else { return false }
            switch left.kind {
            case .forward:
                if left.kind == right.kind { return left.isFlagged == right.isFlagged }
                return isBehindPointer && right.kind == (left.isFlagged ? .union : .record)
            case .enumeration, .enumeration64:
                guard right.isEnumeration else { return false }
                return try enumerationsMatch(left, right)
            case .record, .union:
                if isBehindPointer {
                    return left.kind == right.kind
                        || right.kind == .forward && (left.kind == .union) == right.isFlagged
                }
                guard left.kind == right.kind else { return false }
                return try membersMatch(left, right, level: level)
            case .int:
                guard left.kind == right.kind, let inner = local.integer(left), let outer = target.integer(right) else {
                    return false
                }
                return left.sizeOrType == right.sizeOrType && inner.encoding & 1 == outer.encoding & 1
            case .pointer:
                guard left.kind == right.kind else { return false }
                isBehindPointer = true
                (mine, theirs) = (left.sizeOrType, right.sizeOrType)
            case .array:
                guard let inner = local.array(left), let outer = target.array(right), inner.length == outer.length
                else {
                    return false
                }
                (mine, theirs) = (inner.element, outer.element)
            case .prototype:
                guard left.kind == right.kind, left.count == right.count else { return false }
                for index in 0..<left.count {
                    guard let inner = local.parameter(index, of: left), let outer = target.parameter(index, of: right)
                    else {
                        throw .damaged
                    }
                    guard try matches(inner, outer, isBehindPointer: isBehindPointer, level: level - 1) else {
                        return false
                    }
                }
                (mine, theirs) = (left.sizeOrType, right.sizeOrType)
            default: return false
            }
        }
        throw .tooDeep
    }

    private func namesMatch(_ mine: UInt32, _ theirs: UInt32) -> Bool {
        FlavouredName.essential(local.name(at: mine)) == FlavouredName.essential(target.name(at: theirs))
    }

    private mutating func enumerationsMatch(
        _ left: TypeTable.Record,
        _ right: TypeTable.Record
    ) throws(CoreFailure) -> Bool {
        guard left.sizeOrType == right.sizeOrType, left.count <= right.count else { return false }
        for index in 0..<left.count {
            guard let mine = local.enumerator(index, of: left)?.nameOffset else { throw .damaged }
            var isThere = false
            for other in 0..<right.count where !isThere {
                try spend()
                guard let theirs = target.enumerator(other, of: right)?.nameOffset else { throw .damagedTarget }
                isThere = namesMatch(mine, theirs)
            }
            guard isThere else { return false }
        }
        return true
    }

    private mutating func membersMatch(
        _ left: TypeTable.Record,
        _ right: TypeTable.Record,
        level: Int
    ) throws(CoreFailure) -> Bool {
        guard left.count <= right.count else { return false }
        for index in 0..<left.count {
            guard let mine = local.member(index, of: left) else { throw .damaged }
            var isThere = false
            for other in 0..<right.count where !isThere {
                try spend()
                guard let theirs = target.member(other, of: right) else { throw .damagedTarget }
                guard namesMatch(mine.nameOffset, theirs.nameOffset) else { continue }
                isThere = try matches(mine.type, theirs.type, isBehindPointer: false, level: level - 1)
            }
            guard isThere else { return false }
        }
        return true
    }
}

extension TypeTable {
    /// A type without names and qualifiers, or void, which is type 0.
    enum Stripped {
        case void
        case type(Record)

        var isVoid: Bool { if case .void = self { true } else { false } }
    }

    /// `nil` for a number that no type has, and for a loop.
    func strippedOrVoid(_ number: UInt32) -> Stripped? {
        var number = number
        for _ in 0..<32 {
            if number == 0 { return .void }
            guard let record = record(number) else { return nil }
            switch record.kind {
            case .typeTag, .typedef, .volatile, .const, .restrict: number = record.sizeOrType
            default: return .type(record)
            }
        }
        return nil
    }
}
