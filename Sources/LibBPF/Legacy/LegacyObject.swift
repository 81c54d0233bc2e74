/// Converts objects with legacy map definitions into the form that libbpf 1.x reads.
///
/// Up to Linux 5.x `samples/bpf` and iproute2's objects defined maps as `struct bpf_map_def` or `struct bpf_elf_map` in
/// `SEC("maps")`; libbpf 1.0 refuses both. The same numbers are put into BTF as a definition in `SEC(".maps")` has them, and
/// the maps' places in the section are moved apart; the programs stay as they are. `pinning` of iproute2's maps is left out:
/// it would leave a file behind on the host.
///
/// One sample (`tcp_dumpstats_kern.c`) defines a map in `SEC(".maps")` with plain numbers in place of pointers to arrays; that
/// is brought into form as well.
package enum LegacyObject {
    /// Why a definition cannot be converted; the text follows the name of the object.
    package struct Refusal: Error, Hashable {
        package let reason: String
    }

    /// What a map is defined to be.
    struct Definition {
        let symbol: ObjectImage.Symbol
        /// Numbers by libbpf's names for them.
        let numbers: [(name: String, value: UInt32)]
        /// The place among the definitions of the map that those inside are like, for a map of maps.
        let inner: Int?
    }

    /// Bytes that a map takes in the section: room for a pointer to each number.
    static let stride = 64

    /// - Returns: The object in the new form, or as it was where it needs none.
    /// - Throws: ``Refusal``.
    package static func converted(_ bytes: [UInt8]) throws(Refusal) -> [UInt8] {
        guard var image = ObjectImage(bytes), let section = image.section(named: "maps"),
            !image.range(of: section).isEmpty
        else { return PlainNumbers.converted(bytes) }
        guard image.section(named: ".maps") == nil else {
            throw Refusal(reason: "it defines maps both in SEC(\"maps\") and in SEC(\".maps\")")
        }
        let definitions = try definitions(in: image, section)
        let types = image.section(named: ".BTF")
        let btf = try MapTypes.adding(definitions, to: types.map { Array(image.bytes[image.range(of: $0)]) })
        for (index, definition) in definitions.enumerated() {
            image.move(definition.symbol, to: UInt64(index * stride), size: UInt64(stride))
        }
        image.replaceContents(of: section, with: [UInt8](repeating: 0, count: definitions.count * stride))
        image.rename(section, to: ".maps")
        if let types { image.replaceContents(of: types, with: btf) } else { image.add(".BTF", btf) }
        return image.bytes
    }

    /// Whether an object's maps are iproute2's, whose loader is tc(8) or ip(8).
    package static func isForTrafficControl(_ bytes: [UInt8]) -> Bool {
        guard let image = ObjectImage(bytes), let section = image.section(named: "maps") else { return false }
        let count = image.symbols.count { $0.section == section && $0.kind != 3 }
        if count > 0, image.range(of: section).count == count * elfMapSize { return true }
        // A shorter form has the size of the samples' own struct, and then only its name tells.
        guard let types = image.section(named: ".BTF") else { return false }
        return image.bytes[image.range(of: types)].firstRange(of: [0] + Array("bpf_elf_map".utf8) + [0]) != nil
    }

    /// Whether an object's maps have the four fields that `samples/bpf` gave them before Linux 4.6, which brought flags.
    package static func isBeforeMapFlags(_ bytes: [UInt8]) -> Bool {
        guard let image = ObjectImage(bytes), let section = image.section(named: "maps") else { return false }
        let count = image.symbols.count { $0.section == section && $0.kind != 3 }
        return count > 0 && image.range(of: section).count == count * leastSize
    }

    /// Bytes of a definition without flags.
    private static let leastSize = 16
    /// Bytes of iproute2's `struct bpf_elf_map`.
    private static let elfMapSize = 36
    private static let fields = ["type", "key_size", "value_size", "max_entries", "map_flags"]

    private static func definitions(in image: ObjectImage, _ section: Int) throws(Refusal) -> [Definition] {
        let all = image.symbols
        let symbols = all.filter { $0.section == section && $0.kind != 3 }.sorted { $0.value < $1.value }
        if let hidden = symbols.first(where: { !$0.isGlobal }) {
            throw Refusal(reason: "map '\(hidden.name)' in SEC(\"maps\") is static, which no loader can name")
        }
        let isUnnamed = image.relocations.contains { relocation in
            all.indices.contains(relocation.symbol) && all[relocation.symbol].section == section
                && all[relocation.symbol].kind == 3
        }
        guard !isUnnamed else { throw Refusal(reason: "a program refers to a map in SEC(\"maps\") by its place") }
        let range = image.range(of: section)
        guard !symbols.isEmpty, range.count % symbols.count == 0 else {
            throw Refusal(
                reason: "the \(range.count) bytes of SEC(\"maps\") are not shared out among \(symbols.count) maps"
            )
        }
        let size = range.count / symbols.count
        guard size >= leastSize, size % 4 == 0, size <= 256 else {
            throw Refusal(reason: "a definition in SEC(\"maps\") has \(size) bytes; those known have 16 to 36")
        }
        var definitions: [Definition] = []
        for (index, symbol) in symbols.enumerated() {
            guard symbol.value == UInt64(index * size) else {
                throw Refusal(reason: "map '\(symbol.name)' does not stand where definitions of \(size) bytes do")
            }
            definitions.append(try definition(of: symbol, in: image, at: range.lowerBound + index * size, size))
        }
        for definition in definitions {
            guard let inner = definition.inner else { continue }
            guard definitions.indices.contains(inner), definitions[inner].inner == nil else {
                throw Refusal(
                    reason: "map '\(definition.symbol.name)' in SEC(\"maps\") holds maps like map number \(inner), "
                        + "which it cannot hold"
                )
            }
        }
        return definitions
    }

    private static func definition(
        of symbol: ObjectImage.Symbol,
        in image: ObjectImage,
        at place: Int,
        _ size: Int
    ) throws(Refusal) -> Definition {
        var numbers = fields.prefix(size / 4).enumerated().map { index, name in
            (name: name, value: UInt32(image.number(at: place + index * 4, 4)))
        }
        // BPF_MAP_TYPE_ARRAY_OF_MAPS and BPF_MAP_TYPE_HASH_OF_MAPS. The samples' loader took the map inside by its place in
        // the section; iproute2 takes it by an identifier, which other objects may have.
        let holdsMaps = numbers[0].value == 12 || numbers[0].value == 13
        guard !holdsMaps || size == 28 else {
            throw Refusal(
                reason: "map '\(symbol.name)' in SEC(\"maps\") holds maps, and does not say which in the samples' way"
            )
        }
        // BPF_F_NUMA_NODE, for which the samples' own definition has a last field.
        if size == 28, numbers[4].value & 4 != 0 {
            numbers.append(("numa_node", UInt32(image.number(at: place + 24, 4))))
        }
        return Definition(
            symbol: symbol,
            numbers: numbers.filter { $0.value != 0 },
            inner: holdsMaps ? Int(image.number(at: place + 20, 4)) : nil
        )
    }
}
