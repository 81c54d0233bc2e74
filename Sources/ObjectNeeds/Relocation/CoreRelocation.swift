/// A place that an object wants to have fitted to the kernel's types (`struct bpf_core_relo` in linux/bpf.h).
public struct CoreRelocation: Sendable, Hashable {
    /// The section's name.
    public let section: String
    /// Its number among the relocations of the section, from 0, as libbpf's messages count them.
    public let number: Int
    /// Bytes from the section's beginning.
    public let offset: UInt64
    /// What is asked.
    public let kind: Kind
    /// The object's type that it starts from.
    let type: UInt32
    /// The way from the type to what is asked for, such as `0:1:2`.
    let access: String

    /// What can be asked (`enum bpf_core_relo_kind`).
    public enum Kind: UInt32, Sendable, CaseIterable {
        /// A field's offset in bytes.
        case fieldOffset
        /// A field's size in bytes.
        case fieldSize
        /// Whether there is such a field.
        case fieldExists
        /// Whether a field is signed.
        case fieldSigned
        /// The first shift that takes a bit field out of 64 bits.
        case fieldLeftShift
        /// The second.
        case fieldRightShift
        /// The type's number in the object.
        case typeIDLocal
        /// The type's number in the kernel, 0 where there is none.
        case typeIDTarget
        /// Whether there is such a type.
        case typeExists
        /// The type's size in bytes, 0 where there is none.
        case typeSize
        /// Whether there is such a value of an enumeration.
        case enumeratorExists
        /// The value.
        case enumeratorValue
        /// Whether there is such a type, and alike in all its parts.
        case typeMatches

        var isOfField: Bool { rawValue <= Self.fieldRightShift.rawValue }
        var isOfEnumerator: Bool { self == .enumeratorExists || self == .enumeratorValue }
        var isOfType: Bool { !isOfField && !isOfEnumerator }
        /// Whether it asks if something is there, so that code can be cut off where it is not.
        var isTest: Bool {
            switch self {
            case .fieldExists, .typeExists, .enumeratorExists, .typeMatches, .typeIDTarget, .typeSize: true
            default: false
            }
        }
    }
}
