/// Looks through a kernel for its types: the header of BTF (Documentation/bpf/btf.rst) and what it measures out.
///
/// The header says its own length and those of both parts, so that no table of sections is needed: an arm64 `Image` has
/// none. A kernel can hold smaller BTF too (the light skeletons of `kernel/bpf/preload`), so the largest is taken.
struct EmbeddedTypesScanner {
    /// The largest BTF that was found whole; `nil` where none was.
    private(set) var found: [UInt8]?
    /// What is being collected, and the bytes that it will have.
    private var pending: (bytes: [UInt8], total: Int)?
    /// The end of what was looked through, in which a header may have begun.
    private var carry: [UInt8] = []

    /// Of this size it can only be a kernel's: tinyconfig with BTF has more.
    private static let kernelSize = 1 << 20
    /// The most bytes that are taken for one; real kernels have 4 to 10 MiB.
    private static let limit = 64 << 20
    private static let magic: [UInt8] = [0x9f, 0xeb, 1, 0]
    /// Of the oldest header.
    private static let headerSize = 24

    private var isComplete: Bool { (found?.count ?? 0) >= Self.kernelSize }

    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var rest = bytes[...]
        while !isComplete {
            if let total = pending?.total, let missing = pending.map({ total - $0.bytes.count }) {
                pending?.bytes += rest.prefix(missing)
                rest = rest.dropFirst(missing)
                guard let whole = pending, whole.bytes.count == total else { return true }
                if whole.bytes.count > found?.count ?? 0, Self.hasNames(whole.bytes[...]) { found = whole.bytes }
                pending = nil
            }
            guard search(carry + rest) else { return true }
            rest = rest.suffix(0)
        }
        return false
    }

    /// Looks for a header.
    ///
    /// - Returns: Whether what it measures out was found whole, so that the rest is still to be looked through.
    private mutating func search(_ window: [UInt8]) -> Bool {
        carry = []
        var from = 0
        while let position = window.position(of: Self.magic, from: from) {
            guard window.count - position >= Self.headerSize + 8 else {
                carry = Array(window[position...])
                return false
            }
            from = position + 1
            guard let total = Self.size(window[position...]) else { continue }
            let bytes = Array(window[position...].prefix(total))
            pending = (bytes, total)
            guard bytes.count == total else { return false }
            carry = Array(window[(position + total)...])
            return true
        }
        carry = window.suffix(Self.magic.count - 1)
        return false
    }

    /// The bytes that a header measures out, itself included; `nil` for one that makes no sense.
    private static func size(_ header: ArraySlice<UInt8>) -> Int? {
        let fields = (1..<6).compactMap { header.littleEndian32(at: $0 * 4).map(Int.init) }
        guard fields.count == 5 else { return nil }
        let (length, typeOffset, typeSize, nameOffset, nameSize) = (
            fields[0], fields[1], fields[2], fields[3], fields[4]
        )
        // Later kernels append fields to the header: Linux 7.1 a part that describes kinds of types.
        let layout = length >= 32 ? [6, 7].map { header.littleEndian32(at: $0 * 4).map(Int.init) ?? 0 } : [0, 0]
        guard (headerSize...256).contains(length), length % 4 == 0, typeOffset % 4 == 0, typeSize % 4 == 0,
            typeSize > 0,
            nameSize > 1, layout[0] + layout[1] <= limit, typeOffset + typeSize <= limit, nameOffset + nameSize <= limit
        else { return nil }
        return length + max(typeOffset + typeSize, nameOffset + nameSize, layout[0] + layout[1])
    }

    /// Whether the names are as names must be: the first is empty, and the last ends.
    private static func hasNames(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let length = bytes.littleEndian32(at: 4), let offset = bytes.littleEndian32(at: 16),
            let size = bytes.littleEndian32(at: 20)
        else { return false }
        let start = Int(length) + Int(offset)
        return bytes.bytes(at: start, count: Int(size)).map { $0.first == 0 && $0.last == 0 } ?? false
    }
}
