import CLinux
import Glibc

/// A conversation with the kernel's family for IPsec (`NETLINK_XFRM`) in the calling thread's network namespace.
///
/// Needs `CONFIG_XFRM_USER`.
public struct TransformSocket: ~Copyable {
    private var conversation: RouteSocket
    /// `XFRM_MSG_NEWSA` of linux/xfrm.h.
    private static let new: CInt = 0x10

    /// Opens the conversation.
    ///
    /// - Throws: ``SystemCallError`` with `EPROTONOSUPPORT` where the kernel lacks `CONFIG_XFRM_USER`.
    public init() throws(SystemCallError) {
        // Messages of all families have the same form.
        conversation = try RouteSocket(speaking: NETLINK_XFRM, "NETLINK_XFRM", [Self.new: "XFRM_MSG_NEWSA"])
    }

    /// What is known of packets that come in tunnels of ESP (RFC 4303) without any encryption (`CONFIG_INET_ESP`, and
    /// `CONFIG_CRYPTO_NULL` and `CONFIG_CRYPTO_AUTHENC` for algorithms that do nothing).
    public struct Association: Sendable, Hashable {
        /// Where the packets come from.
        public var source: IPv4Address
        /// Where they go.
        public var target: IPv4Address
        /// The number that they are known by (SPI).
        public var number: UInt32
        /// What policies know it by.
        public var request: UInt32

        /// Describes an association.
        public init(from source: IPv4Address, to target: IPv4Address, number: UInt32, request: UInt32) {
            self.source = source
            self.target = target
            self.number = number
            self.request = request
        }

        /// A packet that carries another, as one that it is there for.
        ///
        /// - Parameters:
        ///   - inner: The packet inside, of IPv4.
        ///   - count: The packet's number among those of the association.
        /// - Returns: What follows the IP header, whose protocol is 50.
        public func payload(around inner: [UInt8], count: UInt32) -> [UInt8] {
            let padding = (4 - (inner.count + 2) % 4) % 4
            let numbers = [number, count].flatMap { number in (0..<4).map { UInt8(number >> (24 - 8 * $0) & 255) } }
            // The next header is 4, which is IPv4.
            return numbers + inner + (0..<padding).map { UInt8($0 + 1) } + [UInt8(padding), 4]
        }
    }

    /// Adds an association.
    ///
    /// - Throws: ``SystemCallError`` with `ENOSYS` where the kernel lacks the algorithms, `EPROTONOSUPPORT` where it lacks ESP,
    ///   `EEXIST` for a number in use.
    public mutating func add(_ association: Association) throws(SystemCallError) {
        try conversation.talk(Self.new, RouteSocket.create, on: "an association of \(association.target)") { message in
            message.association(association)
            // XFRMA_ALG_CRYPT: a name in 64 bytes, and no bits of a key.
            let name = Array("ecb(cipher_null)".utf8)
            message.attribute(2, name + [UInt8](repeating: 0, count: 68 - name.count))
        }
    }
}

extension NetlinkMessage {
    /// `struct xfrm_usersa_info` of linux/xfrm.h, with all limits as far away as they can be.
    fileprivate mutating func association(_ association: TransformSocket.Association) {
        let nothing = { (count: Int) in [UInt8](repeating: 0, count: count) }
        let family = UInt16(AF_INET)
        // The selector, which takes every packet of IPv4.
        var bytes = nothing(40) + native(family) + nothing(14)
        bytes += association.target.bytes + nothing(12) + native(association.number.bigEndian) + [50, 0, 0, 0]
        bytes += association.source.bytes + nothing(12)
        // Limits of bytes and packets, none of time, and nothing counted so far.
        bytes += [UInt8](repeating: 0xff, count: 32) + nothing(32) + nothing(32) + nothing(12)
        // No sequence number; the mode is that of tunnels, and a packet may come twice.
        bytes += nothing(4) + native(association.request) + native(family) + [1, 0, 0] + nothing(7)
        for byte in bytes { put(byte) }
    }

    private func native(_ number: some BitwiseCopyable) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }
}
