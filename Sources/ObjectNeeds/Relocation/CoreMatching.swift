/// Fits an object's types to a kernel's.
///
/// The rules are those of libbpf's `relo_core.c`: names count up to a flavour, members are found through structs without a
/// name, the kinds of types must agree, sizes of integers need not.
struct CoreMatching {
    let local: TypeTable
    let target: TypeTable
    /// Steps that are left for one relocation: hostile types can branch without end.
    var budget = 1_000_000

    mutating func spend() throws(CoreFailure) {
        budget -= 1
        if budget <= 0 { throw .tooDeep }
    }

    /// The way in the kernel's types that a way in the object's corresponds to; `nil` if there is none.
    mutating func match(
        _ spec: CoreSpec,
        _ kind: CoreRelocation.Kind,
        candidate: UInt32
    ) throws(CoreFailure) -> CoreSpec? {
        var found = CoreSpec(root: candidate)
        if kind == .typeMatches {
            return try matches(spec.root, candidate, isBehindPointer: false, level: 32) ? found : nil
        }
        if kind.isOfType { return try isCompatible(spec.root, candidate, level: 32) ? found : nil }
        if kind.isOfEnumerator { return enumerator(spec, candidate) }
        var type = candidate
        for (place, step) in spec.steps.enumerated() {
            guard let record = target.stripped(type) else { throw .damagedTarget }
            if step.name != nil {
                guard let next = try member(step, in: record, &found) else { return nil }
                type = next
            } else {
                type = record.id
                if place > 0 {
                    guard let array = target.array(record) else { return nil }
                    let isFlexible = CoreSpec.isFlexible(array.length, behind: found.steps.last, target)
                    guard isFlexible || step.index < Int(array.length) else { return nil }
                    guard let element = target.stripped(array.element) else { throw .damagedTarget }
                    type = element.id
                }
                guard found.depth < CoreSpec.mostSteps else { throw .tooDeep }
                found.steps.append(CoreSpec.Step(type: type, index: step.index, name: nil))
                found.depth += 1
                guard let size = target.size(of: type) else { throw .damagedTarget }
                found.bitOffset &+= UInt32(truncatingIfNeeded: step.index) &* size &* 8
            }
        }
        return found
    }

    private func enumerator(_ spec: CoreSpec, _ candidate: UInt32) -> CoreSpec? {
        guard let record = target.stripped(candidate), let wanted = spec.steps.first?.name else { return nil }
        let name = FlavouredName.essential(local.name(at: wanted))
        for index in 0..<record.count {
            guard let value = target.enumerator(index, of: record) else { return nil }
            guard FlavouredName.essential(target.name(at: value.nameOffset)).elementsEqual(name) else { continue }
            var found = CoreSpec(root: candidate)
            found.steps = [CoreSpec.Step(type: record.id, index: index, name: value.nameOffset)]
            return found
        }
        return nil
    }

    /// Looks for a member, through structs and unions without a name.
    ///
    /// - Returns: The member's type; `nil` if there is none of this name, or it is of another kind of type.
    private mutating func member(
        _ step: CoreSpec.Step,
        in record: TypeTable.Record,
        _ found: inout CoreSpec
    ) throws(CoreFailure) -> UInt32? {
        try spend()
        guard record.kind == .record || record.kind == .union else { return nil }
        guard let mine = local.record(step.type).flatMap({ local.member(step.index, of: $0) }) else { throw .damaged }
        let name = local.name(at: mine.nameOffset)
        for index in 0..<record.count {
            guard let member = target.member(index, of: record) else { throw .damagedTarget }
            guard found.depth < CoreSpec.mostSteps else { throw .tooDeep }
            found.bitOffset &+= member.bitOffset
            found.depth += 1
            if target.name(at: member.nameOffset).isEmpty {
                guard let inner = target.stripped(member.type) else { throw .damagedTarget }
                if let type = try self.member(step, in: inner, &found) { return type }
            } else if target.name(at: member.nameOffset) == name {
                guard try fieldsAreCompatible(mine.type, member.type) else { return nil }
                found.steps.append(CoreSpec.Step(type: record.id, index: index, name: member.nameOffset))
                return member.type
            }
            found.bitOffset &-= member.bitOffset
            found.depth -= 1
        }
        return nil
    }

    /// Whether a member may stand for another.
    private mutating func fieldsAreCompatible(_ mine: UInt32, _ theirs: UInt32) throws(CoreFailure) -> Bool {
        var (mine, theirs) = (mine, theirs)
        while true {
            try spend()
            guard let left = local.stripped(mine) else { throw .damaged }
            guard let right = target.stripped(theirs) else { throw .damagedTarget }
            if left.isComposite, right.isComposite { return true }
            guard left.isKind(of: right) else { return false }
            switch left.kind {
            case .pointer, .float: return true
            case .forward, .enumeration, .enumeration64:
                let names = (
                    FlavouredName.essential(local.name(at: left.nameOffset)),
                    FlavouredName.essential(target.name(at: right.nameOffset))
                )
                return names.0.isEmpty || names.1.isEmpty || names.0 == names.1
            case .int: return local.integer(left)?.bitOffset == 0 && target.integer(right)?.bitOffset == 0
            case .array:
                guard let inner = local.array(left), let outer = target.array(right) else { return false }
                (mine, theirs) = (inner.element, outer.element)
            default: return false
            }
        }
    }
}

extension TypeTable.Record {
    var isComposite: Bool { kind == .record || kind == .union }
    var isEnumeration: Bool { kind == .enumeration || kind == .enumeration64 }

    /// Whether two types are of one kind; enumerations of both widths are.
    func isKind(of other: Self) -> Bool { kind == other.kind || isEnumeration && other.isEnumeration }
}
