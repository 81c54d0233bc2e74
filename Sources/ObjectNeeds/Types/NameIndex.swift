import FileBytes

/// Rules of names that bear a flavour: `task_struct___old` is a local view of the kernel's `task_struct`.
enum FlavouredName {
    /// How many bytes of a name count: those before the last `___` that stands between other characters.
    static func essentialLength<Name: RandomAccessCollection<UInt8>>(_ name: Name) -> Int {
        let underscore = UInt8(ascii: "_")
        guard name.count >= 5 else { return name.count }
        var position = name.count - 5
        func byte(_ offset: Int) -> UInt8 { name[name.index(name.startIndex, offsetBy: position + offset)] }
        while position >= 0 {
            if byte(0) != underscore, byte(1) == underscore, byte(2) == underscore, byte(3) == underscore,
                byte(4) != underscore
            {
                return position + 1
            }
            position -= 1
        }
        return name.count
    }

    /// The part of a name that counts.
    static func essential(_ name: ArraySlice<UInt8>) -> ArraySlice<UInt8> { name.prefix(essentialLength(name)) }

    static func essential(_ name: String) -> String {
        String(decoding: essential(Array(name.utf8)[...]), as: UTF8.self)
    }
}

/// Numbers of types by the essential parts of their names.
///
/// Hashes and numbers in one sorted array take a tenth of the memory and the time of a dictionary of strings.
struct NameIndex: Sendable {
    /// The hash of a name in the upper half, the type's number in the lower.
    private let entries: [UInt64]

    init(_ types: TypeTable) {
        var entries: [UInt64] = []
        entries.reserveCapacity(types.count)
        types.strings.withBytes { strings in
            for number in 1..<UInt32(types.count + 1) {
                guard let record = types.record(number), Int(record.nameOffset) < strings.count,
                    strings[Int(record.nameOffset)] != 0
                else { continue }
                let field = strings[Int(record.nameOffset)...].prefix(ByteView.longestName)
                guard let end = field.firstIndex(of: 0) else { continue }
                let name = UnsafeBufferPointer(rebasing: field[..<end])
                let essential = UnsafeBufferPointer(rebasing: name[..<FlavouredName.essentialLength(name)])
                entries.append(UInt64(Self.hash(essential)) << 32 | UInt64(number))
            }
        }
        self.entries = entries.sorted()
    }

    /// FNV-1a.
    private static func hash(_ name: some Collection<UInt8>) -> UInt32 {
        var hash: UInt32 = 0x811C_9DC5
        for byte in name { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return hash
    }

    /// The most types that are looked at for one name: in no kernel are there as many, and a hostile table could have all
    /// its types share one name.
    private static let limit = 10_000

    /// Types whose essential names are equal, in the order of their numbers.
    func candidates(_ name: some Collection<UInt8>, in types: TypeTable) -> [UInt32] {
        let hash = Self.hash(name)
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if UInt32(entries[middle] >> 32) < hash { low = middle + 1 } else { high = middle }
        }
        return entries[low...].prefix(Self.limit).prefix { UInt32($0 >> 32) == hash }.map {
            UInt32(truncatingIfNeeded: $0)
        }.filter { number in
            types.record(number).map { FlavouredName.essential(types.name(at: $0.nameOffset)).elementsEqual(name) }
                ?? false
        }
    }
}
