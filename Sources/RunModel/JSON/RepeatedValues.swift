/// Values that stood before in the same bytes, so that a list which a record repeats for each machine is read and kept once.
///
/// A value is recognised by its bytes alone: a JSON list or object ends where its bracket does, so whatever begins with all the
/// bytes of one is that one. It is no larger for a larger record.
struct RepeatedValues<Value> {
    private struct Known {
        let range: Range<Int>
        let value: Value
    }

    /// Shorter ones are read again as fast as they are found.
    private static var shortest: Int { 96 }
    /// The most that are remembered.
    private static var limit: Int { 512 }

    /// By their first bytes; of two that begin alike the later one.
    private var known: [UInt64: Known] = [:]

    /// A value that stood before.
    ///
    /// - Parameters:
    ///   - start: The offset of its first byte, which is a bracket.
    ///   - bytes: The bytes in which it and all others stand.
    /// - Returns: The value and the offset behind it; `nil` where these bytes are new.
    func value(at start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> (value: Value, end: Int)? {
        guard !known.isEmpty, let place = Self.place(of: start, in: bytes), let found = known[place],
            found.range.count <= bytes.count - start
        else { return nil }
        let count = found.range.count
        let (old, new) = (bytes[found.range], bytes[start..<(start + count)])
        guard UnsafeRawBufferPointer(rebasing: old).elementsAreEqual(UnsafeRawBufferPointer(rebasing: new)) else {
            return nil
        }
        return (found.value, start + count)
    }

    /// Remembers a value and where it stands.
    mutating func remember(_ value: Value, _ range: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) {
        guard range.count >= Self.shortest, let place = Self.place(of: range.lowerBound, in: bytes) else { return }
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        known[place] = Known(range: range, value: value)
    }

    /// A number made of the first bytes; `nil` where there are too few.
    private static func place(of start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> UInt64? {
        guard bytes.count - start >= shortest else { return nil }
        let raw = UnsafeRawBufferPointer(bytes)
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for offset in stride(from: start, to: start + shortest, by: 8) {
            hash = (hash ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0x100_0000_01B3
            hash ^= hash >> 29
        }
        return hash
    }
}

extension UnsafeRawBufferPointer {
    fileprivate init(rebasing slice: Slice<UnsafeBufferPointer<UInt8>>) {
        self.init(UnsafeBufferPointer(rebasing: slice))
    }

    /// Whether two buffers of one length hold the same.
    fileprivate func elementsAreEqual(_ other: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while count - offset >= 8 {
            let (one, two) = (
                loadUnaligned(fromByteOffset: offset, as: UInt64.self),
                other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            )
            if one != two { return false }
            offset += 8
        }
        while offset < count {
            if self[offset] != other[offset] { return false }
            offset += 1
        }
        return true
    }
}
