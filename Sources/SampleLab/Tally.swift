/// Packets and bytes, as the kern halves of several samples count them in a pair of 64-bit numbers.
public struct Tally: Codable, Sendable, Hashable, BitwiseCopyable, CustomStringConvertible {
    /// How many packets.
    public var packets: Int64
    /// How many bytes they had together.
    public var bytes: Int64

    /// Creates a pair.
    public init(_ packets: Int64 = 0, _ bytes: Int64 = 0) {
        self.packets = packets
        self.bytes = bytes
    }

    /// The pair as `2 packets of 104 bytes`.
    public var description: String {
        "\(packets) packet\(packets == 1 ? "" : "s") of \(bytes) bytes"
    }

    /// Adds another pair to this one.
    public static func + (left: Tally, right: Tally) -> Tally {
        Tally(left.packets + right.packets, left.bytes + right.bytes)
    }

    /// Takes another pair away from this one.
    public static func - (left: Tally, right: Tally) -> Tally {
        Tally(left.packets - right.packets, left.bytes - right.bytes)
    }
}

/// Bytes in hexadecimal, in which form observations keep frames.
public enum Hexadecimal {
    /// Two lower-case digits a byte.
    public static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The bytes that a text stands for; `nil` for a text that stands for none.
    public static func bytes(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }

    /// Eight lower-case digits, the most significant first.
    public static func text(_ number: UInt32) -> String {
        text([24, 16, 8, 0].map { shift in UInt8(truncatingIfNeeded: number >> shift) })
    }
}
