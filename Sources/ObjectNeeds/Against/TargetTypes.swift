/// The types of a kernel that objects are fitted to, and what the kernel is called in messages.
public struct TargetTypes: Sendable {
    /// The kernel's types.
    public let types: TypeTable
    /// The kernel, such as `Linux 6.1`.
    public let kernel: String

    /// Names a kernel's types.
    public init(_ types: TypeTable, kernel: String) {
        self.types = types
        self.kernel = kernel
    }

    /// Whether an enumeration has a value; `nil` where the kernel's types do not have the enumeration.
    func enumeration(_ name: String, has value: UInt64) -> Bool? {
        guard let record = enumeration(name) else { return nil }
        return (0..<record.count).contains { types.enumerator($0, of: record)?.value == value }
    }

    /// Whether an enumeration has a name; `nil` where the kernel's types do not have the enumeration.
    func enumeration(_ name: String, names value: String) -> Bool? {
        guard let record = enumeration(name) else { return nil }
        let wanted = Array(value.utf8)
        return (0..<record.count).contains { index in
            types.enumerator(index, of: record).map { types.name(at: $0.nameOffset).elementsEqual(wanted) } ?? false
        }
    }

    /// The names of the flags that maps are created with; `nil` where the kernel's types do not have them.
    ///
    /// They stand in an enumeration without a name, which begins with the oldest of them.
    var mapFlags: Set<String>? {
        let first = Array("BPF_F_NO_PREALLOC".utf8)
        for number in 1..<UInt32(types.count + 1) {
            guard let record = types.record(number), record.kind == .enumeration, record.nameOffset == 0,
                let oldest = types.enumerator(0, of: record), types.name(at: oldest.nameOffset).elementsEqual(first)
            else { continue }
            return Set(
                (0..<record.count).compactMap { types.enumerator($0, of: record) }
                    .map { String(decoding: types.name(at: $0.nameOffset), as: UTF8.self) }
            )
        }
        return nil
    }

    private func enumeration(_ name: String) -> TypeTable.Record? {
        types.id(of: name, .enumeration).flatMap { types.record($0) }
    }

    /// What a program's section attaches it to, if the kernel's types tell whether it is there.
    ///
    /// - Returns: What is looked for in words, whether it is there, and whether loading already needs it.
    func attachment(stem: String, target: String) -> (words: String, isThere: Bool, isForLoading: Bool)? {
        // libbpf's rules (`btf_get_kernel_prefix_kind`): what the name in the types begins with, and its kind.
        switch stem {
        case "tp_btf", "raw_tp", "raw_tracepoint", "raw_tp.w", "raw_tracepoint.w":
            return ("tracepoint \(target)", has("btf_trace_\(target)", .typedef), stem == "tp_btf")
        case "tp", "tracepoint":
            guard let name = target.split(separator: "/").last, !target.hasPrefix("syscalls/") else { return nil }
            return ("tracepoint \(target)", has("btf_trace_\(name)", .typedef), false)
        case "fentry", "fentry.s", "fexit", "fexit.s", "fmod_ret", "fmod_ret.s", "fsession", "fsession.s":
            return ("function \(target)", has(target, .function), true)
        case "lsm", "lsm.s", "lsm_cgroup":
            return ("hook \(target) of its security modules", has("bpf_lsm_\(target)", .function), true)
        case "iter", "iter.s": return ("iterator over \(target)", has("bpf_iter_\(target)", .function), true)
        default: return nil
        }
    }

    func has(_ name: String, _ kind: TypeTable.Kind) -> Bool { types.id(of: name, kind) != nil }

    /// The functions and typed variables that an object wants of the kernel and that it lacks, with what is wrong.
    func lacking(_ externs: [(name: String, type: UInt32, isFunction: Bool)], of local: TypeTable) -> [String: String] {
        var lacking: [String: String] = [:]
        for extern in externs where extern.isFunction || local.stripped(extern.type) != nil {
            let name = extern.isFunction ? FlavouredName.essential(extern.name) : extern.name
            let kind = extern.isFunction ? "function" : "variable"
            guard let found = types.id(of: name, extern.isFunction ? .function : .variable),
                let type = types.record(found)?.sizeOrType
            else {
                lacking[extern.name] = "\(kernel) has no \(kind) \(name) in its types"
                continue
            }
            var matching = CoreMatching(local: local, target: types)
            let (mine, theirs) = (local.stripped(extern.type)?.id ?? 0, types.stripped(type)?.id ?? 0)
            if (try? matching.isCompatible(mine, theirs, level: 32)) != true {
                lacking[extern.name] = "\(kernel) has the \(kind) \(name) with another type"
            }
        }
        return lacking
    }
}
