/// What relocations ask for, computed from ways through types.
enum CoreValues {
    /// The answer for one way.
    struct Answer {
        var value: UInt64 = 0
        /// Bytes that a load or store of the field moves; 0 where it is none.
        var size: UInt32 = 0
        /// The field's type.
        var type: UInt32 = 0
        /// Whether the compiler must have come to the same value for the object's own types.
        var isCertain = true
    }

    /// The answer, or `nil` if there is none without a way: the instruction becomes invalid.
    static func answer(
        _ kind: CoreRelocation.Kind,
        _ spec: CoreSpec?,
        in types: TypeTable
    ) throws(CoreFailure) -> Answer? {
        switch kind {
        case .fieldExists, .enumeratorExists: return Answer(value: spec == nil ? 0 : 1)
        case .typeExists, .typeMatches: return Answer(value: spec == nil ? 0 : 1)
        case .typeIDTarget: return Answer(value: UInt64(spec?.root ?? 0), isCertain: false)
        case .typeIDLocal: return Answer(value: UInt64(spec?.root ?? 0), isCertain: false)
        case .typeSize:
            guard let spec else { return Answer() }
            guard let size = types.size(of: spec.root) else { throw .damagedTarget }
            return Answer(value: UInt64(size))
        case .enumeratorValue:
            guard let spec else { return nil }
            guard let step = spec.steps.first, let record = types.record(step.type),
                let value = types.enumerator(step.index, of: record)
            else { throw .damagedTarget }
            return Answer(value: value.value)
        case .fieldOffset, .fieldSize, .fieldSigned, .fieldLeftShift, .fieldRightShift:
            guard let spec else { return nil }
            guard let step = spec.steps.last else { throw .damagedTarget }
            return try step.name == nil ? element(kind, spec, step, types) : field(kind, spec, step, types)
        }
    }

    private static func element(
        _ kind: CoreRelocation.Kind,
        _ spec: CoreSpec,
        _ step: CoreSpec.Step,
        _ types: TypeTable
    ) throws(CoreFailure) -> Answer {
        switch kind {
        case .fieldOffset:
            return Answer(
                value: UInt64(spec.bitOffset / 8),
                size: try loadSize(of: step.type, types),
                type: step.type
            )
        case .fieldSize:
            guard let size = types.size(of: step.type) else { throw .damagedTarget }
            return Answer(value: UInt64(size))
        default: throw .elementOfArray
        }
    }

    /// Of an array the size of an element counts.
    private static func loadSize(of type: UInt32, _ types: TypeTable) throws(CoreFailure) -> UInt32 {
        var type = type
        for _ in 0..<32 {
            guard let record = types.stripped(type) else { throw .damagedTarget }
            guard let array = types.array(record) else {
                guard let size = types.size(of: record.id) else { throw .damagedTarget }
                return size
            }
            type = array.element
        }
        throw .tooDeep
    }

    private static func field(
        _ kind: CoreRelocation.Kind,
        _ spec: CoreSpec,
        _ step: CoreSpec.Step,
        _ types: TypeTable
    ) throws(CoreFailure) -> Answer {
        guard let record = types.record(step.type), let member = types.member(step.index, of: record),
            let type = types.stripped(member.type)
        else { throw .damagedTarget }
        let isBitField = member.bitSize > 0
        var size: UInt32
        var offset: UInt32
        var bits = member.bitSize
        if isBitField {
            size = type.sizeOrType
            guard size > 0, size <= 16 else { throw .damagedTarget }
            offset = spec.bitOffset / 8 / size * size
            // The smallest load that takes all of it.
            while spec.bitOffset &+ bits &- offset &* 8 > size * 8 {
                guard size < 8 else { throw .wideBitField }
                size *= 2
                offset = spec.bitOffset / 8 / size * size
            }
        } else {
            guard let whole = types.size(of: type.id) else { throw .damagedTarget }
            size = whole
            offset = spec.bitOffset / 8
            bits = size &* 8
        }
        switch kind {
        case .fieldOffset:
            guard !isBitField else { return Answer(value: UInt64(offset), isCertain: false) }
            return Answer(value: UInt64(offset), size: try loadSize(of: type.id, types), type: type.id)
        case .fieldSize: return Answer(value: UInt64(size), isCertain: !isBitField)
        case .fieldSigned:
            let isSigned =
                type.isEnumeration && type.isFlagged || types.integer(type).map { $0.encoding & 1 != 0 } ?? false
            return Answer(value: isSigned ? 1 : 0)
        case .fieldLeftShift:
            let shift = 64 &- (spec.bitOffset &+ bits &- offset &* 8)
            return Answer(value: UInt64(shift), isCertain: !isBitField)
        default: return Answer(value: UInt64(64 &- bits))
        }
    }
}
