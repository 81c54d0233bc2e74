/// Reads map definitions by libbpf's rules (`parse_btf_map_def`), and says where those are broken.
struct MapReader {
    /// The definitions that name a type, a map's own before those within it.
    private(set) var maps: [MapDefinition] = []
    /// What libbpf refuses, by the map's name; nothing of such a map is worth a look by the kernel's rules.
    private(set) var flaws: [(map: String, demand: ObjectNeed.Demand)] = []

    private let types: TypeTable

    private static let numbers: Set = [
        "type", "key_size", "value_size", "max_entries", "map_flags", "numa_node", "pinning", "map_extra",
    ]

    /// What was read of a definition so far.
    private struct Draft {
        let name: String
        let isInner: Bool
        var numbers: [String: UInt32] = [:]
        var sizes: [String: UInt32] = [:]
        var key = MapDefinition.KeyForm.untyped
        var hasValueType = false
        var hasContents = false
        var features: Set<String> = []
    }

    init(_ types: TypeTable) {
        self.types = types
        for variable in types.variables(ofSection: ".maps") {
            if variable.linkage != 1 {
                refuse(variable.name, "a variable that is not \(variable.linkage == 0 ? "static" : "extern")")
            }
            read(variable.name, variable.type, isInner: false)
        }
    }

    /// Whether libbpf refuses a map, or the map that it stands in.
    func isRefused(_ map: String) -> Bool { flaws.contains { $0.map == map || "\(map).inner" == $0.map } }

    private mutating func refuse(_ map: String, _ reason: String) {
        flaws.append((map, .impossible(reason)))
    }

    private mutating func read(_ name: String, _ type: UInt32, isInner: Bool) {
        guard let record = types.stripped(type), record.kind == .record else {
            refuse(name, "a definition that is a struct")
            return
        }
        var draft = Draft(name: name, isInner: isInner)
        let place = maps.endIndex
        for index in 0..<record.count {
            guard let member = types.member(index, of: record) else { continue }
            let label = types.string(at: member.nameOffset) ?? ""
            switch label {
            case _ where Self.numbers.contains(label): readNumber(label, member.type, &draft)
            case "key", "value": readType(label, member.type, &draft)
            case "values":
                if index != record.count - 1 { refuse(name, "'values' as the last field") }
                readContents(member.type, &draft)
            default: refuse(name, "a definition without the field '\(label)', which libbpf does not know")
            }
        }
        guard let kind = draft.numbers["type"], kind != 0 else {
            if !isRefused(name) { refuse(name, "a type") }
            return
        }
        let map = MapDefinition(
            name: name,
            type: kind,
            keySize: draft.sizes["key"] ?? 0,
            valueSize: draft.sizes["value"] ?? 0,
            capacity: draft.numbers["max_entries"] ?? 0,
            flags: draft.numbers["map_flags"] ?? 0,
            extra: draft.numbers["map_extra"] ?? 0,
            valueFeatures: draft.features.sorted(),
            key: draft.key,
            hasValueType: draft.hasValueType,
            isInner: isInner,
            hasContents: draft.hasContents
        )
        // In front of the maps within it.
        maps.insert(map, at: place)
    }

    /// A number, which is the length of the array that a pointer points to (`__uint`).
    private mutating func readNumber(_ label: String, _ type: UInt32, _ draft: inout Draft) {
        guard let pointer = types.stripped(type), pointer.kind == .pointer,
            let array = types.record(pointer.sizeOrType).flatMap({ types.array($0) })
        else {
            if label == "map_extra", types.stripped(type)?.kind == .pointer {
                flaws.append((draft.name, .unknown("map_extra is in the form of libbpf 1.5, which older ones refuse")))
                return
            }
            let isPlain = types.stripped(type)?.kind == .pointer ? "" : "; this one is a plain number"
            refuse(draft.name, "\(label) as a pointer to an array of that length (__uint)\(isPlain)")
            return
        }
        draft.numbers[label] = array.length
        switch label {
        case "key_size": readSize("key", array.length, &draft)
        case "value_size": readSize("value", array.length, &draft)
        case "pinning":
            if draft.isInner { refuse(draft.name, "no pinning, being a map within a map") }
            if array.length > 1 {
                refuse(draft.name, "pinning 0 or 1 (LIBBPF_PIN_BY_NAME); it is \(array.length)")
            }
        default: break
        }
    }

    private mutating func readSize(_ part: String, _ size: UInt32, _ draft: inout Draft) {
        if let known = draft.sizes[part], known != 0, known != size {
            refuse(draft.name, "one \(part)_size; it is given as \(known) and as \(size)")
        }
        draft.sizes[part] = size
    }

    /// The type of keys or values, which a pointer points to (`__type`).
    private mutating func readType(_ label: String, _ type: UInt32, _ draft: inout Draft) {
        guard let pointer = types.record(type), pointer.kind == .pointer else {
            refuse(draft.name, "\(label) as a pointer to its type (__type)")
            return
        }
        guard let size = types.size(of: pointer.sizeOrType) else {
            let words = types.words(for: pointer.sizeOrType)
            refuse(draft.name, "a \(label) whose size is known; '\(words)' is only declared or has none")
            return
        }
        readSize(label, size, &draft)
        if label == "value" {
            draft.hasValueType = true
            MapDefinition.collect(&draft.features, pointer.sizeOrType, types)
        } else {
            let isInteger = types.stripped(pointer.sizeOrType)?.kind == .int && size == 4
            draft.key = isInteger ? .integer : .other
        }
    }

    /// What the maps or programs in a map are like (`__array(values, …)`).
    private mutating func readContents(_ type: UInt32, _ draft: inout Draft) {
        let kind = draft.numbers["type"] ?? 0
        let holdsMaps = kind == 12 || kind == 13
        guard !draft.isInner else {
            refuse(draft.name, "no 'values', being a map within a map")
            return
        }
        guard holdsMaps || kind == 3 else {
            refuse(draft.name, "no 'values', unless its type is ARRAY_OF_MAPS, HASH_OF_MAPS or PROG_ARRAY")
            return
        }
        readSize("value", 4, &draft)
        guard let array = types.record(type).flatMap({ types.array($0) }), array.length == 0,
            let pointer = types.stripped(array.element), pointer.kind == .pointer,
            let inside = types.stripped(pointer.sizeOrType), inside.kind == (holdsMaps ? .record : .prototype)
        else {
            refuse(draft.name, "'values' as an array of no length of pointers to \(holdsMaps ? "a map" : "a function")")
            return
        }
        draft.hasContents = true
        if holdsMaps { read("\(draft.name).inner", inside.id, isInner: true) }
    }
}
