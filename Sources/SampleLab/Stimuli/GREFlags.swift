/// A word of flags in a GRE header, and the fields behind it that a sender has put there (RFC 2890).
///
/// The kernel's samples compare the word in the host's order with flags in network order: on little-endian machines they see
/// the flags of the word with its bytes exchanged. A source without that fault is as good.
public struct GREFlags: Sendable, Hashable {
    /// The first word of the header.
    public let word: UInt16
    /// How many fields of four bytes follow the header, all 0.
    public let fields: Int

    /// Every flag by itself and several, in either order of the bytes.
    ///
    /// A version or routing has no field behind it here, since nobody who knows them looks for one.
    public static let all: [GREFlags] =
        [0x8000, 0x2000, 0x1000].flatMap { both($0, fields: 1) } + both(0xb000, fields: 3)
        + [0x4000, 0x0001, 0x0007, 0x4007].flatMap { both($0, fields: 0) }

    /// What a program that knows the flags makes of the header.
    public enum Reading: Sendable, Hashable {
        /// It looks behind the header and all fields.
        case whole
        /// It takes the first field for what the tunnel carries.
        case withoutFields
        /// It looks no further: a version or routing.
        case refused
    }

    /// What a program makes of it, by whether it sees the flags with the bytes exchanged.
    public func reading(exchanged: Bool) -> Reading {
        let seen = exchanged ? word.byteSwapped : word
        if seen & 0x4007 != 0 { return .refused }
        return (seen & 0xb000).nonzeroBitCount == fields ? .whole : .withoutFields
    }

    /// The header, its fields, and what it carries.
    public func header(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        EthernetFrame.big(word) + EthernetFrame.big(type) + [UInt8](repeating: 0, count: 4 * fields) + payload
    }

    private static func both(_ word: UInt16, fields: Int) -> [GREFlags] {
        [GREFlags(word: word, fields: fields), GREFlags(word: word.byteSwapped, fields: fields)]
    }
}
