/// SipHash-2-4 (Aumasson and Bernstein, 2012): 64 bits that only who knows the key can make for a message.
///
/// It does what a checksum does, and keeps others from writing on the port: a sample runs as root in the guest, and what it
/// writes must never be taken for a result. The key is made for one guest and never sent over the port.
public struct MessageTag: Sendable {
    private let k0: UInt64
    private let k1: UInt64

    /// How many bytes a key has.
    public static let keySize = 16

    /// Takes a key of 16 bytes; `nil` for any other number.
    public init?(key: some Collection<UInt8>) {
        guard key.count == Self.keySize else { return nil }
        let bytes = Array(key)
        k0 = Self.word(bytes[0..<8])
        k1 = Self.word(bytes[8..<16])
    }

    /// The tag of a message.
    public func tag(of message: some Sequence<UInt8>) -> UInt64 {
        var v = (
            k0 ^ 0x736f_6d65_7073_6575, k1 ^ 0x646f_7261_6e64_6f6d, k0 ^ 0x6c79_6765_6e65_7261,
            k1 ^ 0x7465_6462_7974_6573
        )
        func round() {
            v.0 &+= v.1
            v.1 = Self.rotate(v.1, 13) ^ v.0
            v.0 = Self.rotate(v.0, 32)
            v.2 &+= v.3
            v.3 = Self.rotate(v.3, 16) ^ v.2
            v.0 &+= v.3
            v.3 = Self.rotate(v.3, 21) ^ v.0
            v.2 &+= v.1
            v.1 = Self.rotate(v.1, 17) ^ v.2
            v.2 = Self.rotate(v.2, 32)
        }
        func absorb(_ word: UInt64) {
            v.3 ^= word
            round()
            round()
            v.0 ^= word
        }
        var word: UInt64 = 0
        var count: UInt64 = 0
        for byte in message {
            word |= UInt64(byte) << (8 * (count & 7))
            count += 1
            if count & 7 == 0 {
                absorb(word)
                word = 0
            }
        }
        absorb(word | count << 56)
        v.2 ^= 0xff
        for _ in 0..<4 { round() }
        return v.0 ^ v.1 ^ v.2 ^ v.3
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 { word << bits | word >> (64 - bits) }
}
