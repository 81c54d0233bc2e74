/// A map that an object defines in `SEC(".maps")`, as libbpf reads it from BTF.
public struct MapDefinition: Sendable, Hashable {
    /// The variable's name.
    public let name: String
    /// The type's number in `enum bpf_map_type` (linux/bpf.h).
    public let type: UInt32
    /// The most entries it can hold, 0 where the object leaves it open.
    public let capacity: UInt32
    /// The flags that it is created with (`BPF_F_…` in linux/bpf.h).
    public let flags: UInt32
    /// What its values hold that the kernel knows by name: `bpf_spin_lock`, `bpf_timer`, `kptr` and others.
    public let valueFeatures: [String]

    /// Structs that the kernel finds by name in the BTF of a map's value.
    private static let special: Set = [
        "bpf_spin_lock", "bpf_timer", "bpf_list_head", "bpf_list_node", "bpf_rb_root", "bpf_rb_node", "bpf_refcount",
        "bpf_wq",
    ]

    /// Every map of an object, the maps within maps included.
    static func all(in types: TypeTable) -> [MapDefinition] {
        types.contents(ofSection: ".maps").flatMap { variable in
            definitions(variable.name, variable.type, types, depth: 0)
        }
    }

    private static func definitions(_ name: String, _ type: UInt32, _ types: TypeTable, depth: Int) -> [MapDefinition] {
        guard depth < 2, let record = types.resolved(type), record.kind == .record else { return [] }
        var numbers: [String: UInt32] = [:]
        var features: Set<String> = []
        var inner: [MapDefinition] = []
        for member in record.members {
            guard let pointee = types.resolved(member.type) else { continue }
            if pointee.kind == .pointer, let target = types.resolved(pointee.sizeOrType) {
                if target.kind == .array { numbers[member.name] = target.length }
                if member.name == "value" { collect(&features, pointee.sizeOrType, types, depth: 0) }
            } else if pointee.kind == .array, member.name == "values", let element = pointee.members.first?.type,
                let pointer = types.resolved(element), pointer.kind == .pointer
            {
                inner += definitions("\(name).inner", pointer.sizeOrType, types, depth: depth + 1)
            }
        }
        guard let kind = numbers["type"] else { return inner }
        let map = MapDefinition(
            name: name,
            type: kind,
            capacity: numbers["max_entries"] ?? 0,
            flags: numbers["map_flags"] ?? 0,
            valueFeatures: features.sorted()
        )
        return [map] + inner
    }

    private static func collect(_ features: inout Set<String>, _ type: UInt32, _ types: TypeTable, depth: Int) {
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
