/// A map that an object defines in `SEC(".maps")`, as libbpf reads it from BTF.
public struct MapDefinition: Sendable, Hashable {
    /// The variable's name; that of a map within a map ends in `.inner`.
    public let name: String
    /// The type's number in `enum bpf_map_type` (linux/bpf.h).
    public let type: UInt32
    /// Bytes of a key, 0 where the object leaves it open.
    public let keySize: UInt32
    /// Bytes of a value, 0 where the object leaves it open.
    public let valueSize: UInt32
    /// The most entries it can hold, 0 where the object leaves it open.
    public let capacity: UInt32
    /// The flags that it is created with (`BPF_F_…` in linux/bpf.h).
    public let flags: UInt32
    /// `map_extra`, which few types have a meaning for.
    public let extra: UInt32
    /// What its values hold that the kernel knows by name: `bpf_spin_lock`, `bpf_timer`, `kptr` and others.
    public let valueFeatures: [String]
    /// What the key is.
    let key: KeyForm
    /// Whether the type of the values is given, not only their size.
    let hasValueType: Bool
    /// Whether it stands in another map's definition.
    let isInner: Bool
    /// Whether it says what the maps or programs in it are like.
    let hasContents: Bool

    /// What is known of a map's key.
    enum KeyForm: Sendable, Hashable {
        /// Its size at most.
        case untyped
        /// An integer of 32 bits.
        case integer
        /// Another type.
        case other
    }

    /// Structs that the kernel finds by name in the BTF of a map's value.
    private static let special: Set = [
        "bpf_spin_lock", "bpf_timer", "bpf_list_head", "bpf_list_node", "bpf_rb_root", "bpf_rb_node", "bpf_refcount",
        "bpf_wq",
    ]

    /// Gathers what a type holds that the kernel knows by name.
    static func collect(_ features: inout Set<String>, _ type: UInt32, _ types: TypeTable, depth: Int = 0) {
        var tags: [String] = []
        guard depth < 8, let entry = types.resolved(type, tags: &tags) else { return }
        switch entry.kind {
        case .record, .union:
            if special.contains(entry.name) {
                features.insert(entry.name)
            }
            // The members of those structs are the kernel's own business.
            else {
                for member in entry.members { collect(&features, member.type, types, depth: depth + 1) }
            }
        case .array:
            if let element = entry.members.first { collect(&features, element.type, types, depth: depth + 1) }
        case .pointer:
            _ = types.resolved(entry.sizeOrType, tags: &tags)
            if tags.contains(where: { $0.hasPrefix("kptr") || $0 == "percpu_kptr" }) { features.insert("kptr") }
        default: break
        }
    }
}
