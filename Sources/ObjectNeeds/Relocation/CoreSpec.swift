/// The way from a type to one of its parts, in the object's types or the kernel's.
///
/// The rules are those of libbpf's `relo_core.c`, which the kernel shares.
struct CoreSpec {
    /// A step that has a meaning in C: a named member, or an element of an array.
    struct Step {
        /// The type that the step is taken in, or for an element the type of the element.
        let type: UInt32
        let index: Int
        /// `nil` for an element.
        let name: UInt32?
    }

    /// The most steps, as libbpf has it.
    static let mostSteps = 64

    let root: UInt32
    var steps: [Step] = []
    /// How many steps there are when members without a name are counted.
    var depth = 0
    /// Bits from the root's beginning; it wraps as libbpf's does.
    var bitOffset: UInt32 = 0

    init(root: UInt32) { self.root = root }

    /// Follows a relocation's way through the object's own types.
    ///
    /// - Throws: ``CoreFailure`` for a way that leads nowhere: the object is damaged.
    init(_ relocation: CoreRelocation, in types: TypeTable) throws(CoreFailure) {
        self.init(root: relocation.type)
        let way = try Self.numbers(relocation.access)
        if relocation.kind.isOfType {
            guard way == [0] else { throw .damaged }
            return
        }
        guard let start = types.stripped(relocation.type), let first = way.first else { throw .damaged }
        depth = way.count
        if relocation.kind.isOfEnumerator {
            guard way.count == 1, let value = types.enumerator(first, of: start) else { throw .damaged }
            steps = [Step(type: start.id, index: first, name: value.nameOffset)]
            return
        }
        guard let size = types.size(of: start.id) else { throw .damaged }
        steps = [Step(type: start.id, index: first, name: nil)]
        bitOffset = UInt32(truncatingIfNeeded: first) &* size &* 8
        var type = start.id
        for index in way.dropFirst() { type = try follow(index, from: type, in: types) }
    }

    private mutating func follow(_ index: Int, from type: UInt32, in types: TypeTable) throws(CoreFailure) -> UInt32 {
        guard let record = types.stripped(type) else { throw .damaged }
        switch record.kind {
        case .record, .union:
            guard let member = types.member(index, of: record) else { throw .damaged }
            bitOffset &+= member.bitOffset
            if member.nameOffset != 0 { steps.append(Step(type: record.id, index: index, name: member.nameOffset)) }
            return member.type
        case .array:
            guard let array = types.array(record), let element = types.stripped(array.element),
                let size = types.size(of: element.id),
                index < Int(array.length) || Self.isFlexible(array.length, behind: steps.last, types)
            else { throw .damaged }
            steps.append(Step(type: element.id, index: index, name: nil))
            bitOffset &+= UInt32(truncatingIfNeeded: index) &* size &* 8
            return element.id
        default: throw .damaged
        }
    }

    /// Whether an array may be longer than its type says: of no elements, and the last member of its struct.
    static func isFlexible(_ length: UInt32, behind step: Step?, _ types: TypeTable) -> Bool {
        guard length == 0, let step, step.name != nil, let record = types.record(step.type) else { return false }
        return step.index == record.count - 1
    }

    private static func numbers(_ text: String) throws(CoreFailure) -> [Int] {
        let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int32(part).map(Int.init) : nil
        }
        guard numbers.count <= mostSteps, !numbers.contains(nil) else { throw .damaged }
        return numbers.compactMap(\.self)
    }

    /// The way in C's words, such as `task_struct.cred.uid` or `sk_buff.cb[3]`.
    func words(_ relocation: CoreRelocation, in types: TypeTable) -> String {
        let name = types.record(root).map { FlavouredName.essential(types.name(of: $0)) } ?? ""
        if relocation.kind.isOfType { return types.words(for: root) }
        if relocation.kind.isOfEnumerator {
            return steps.first?.name.flatMap { types.string(at: $0) }.map(FlavouredName.essential) ?? ""
        }
        var text = name
        for (place, step) in steps.enumerated() {
            if let member = step.name {
                text += ".\(types.string(at: member) ?? "")"
            } else if place > 0 || step.index > 0 {
                text += "[\(step.index)]"
            }
        }
        return text
    }
}

/// Why libbpf refuses a relocation, and with it the whole object.
enum CoreFailure: Error, Hashable {
    /// The object contradicts itself.
    case damaged
    /// The kernel's types contradict themselves.
    case damagedTarget
    /// Nested too deep, or too much work.
    case tooDeep
    /// The type has no name that could be searched for.
    case anonymous
    /// Several types fit and do not say the same.
    case ambiguous(String)
    /// A bit field that no load of 64 bits can take.
    case wideBitField
    /// The kind cannot be asked of an element of an array.
    case elementOfArray
    /// The instruction is none that can be changed this way.
    case instruction(String)
}
