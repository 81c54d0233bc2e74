import LinuxHost
import SampleLab

/// A packet as the programs tell them apart.
struct HbmPacket: Hashable, Sendable {
    let family: SocketKind.Family
    /// Whether its header says TCP; else UDP.
    let isTCP: Bool
    /// What its header says of congestion (RFC 3168): 0 not capable, 1 and 2 capable, 3 met.
    let ecn: UInt8
    /// Its bytes, with the IP header.
    let length: Int
    /// Whether a UDP socket sends it, and not one whose packets are made by hand.
    var isDatagram = false

    init(_ family: SocketKind.Family, isTCP: Bool = false, ecn: UInt8 = 0, length: Int, isDatagram: Bool = false) {
        (self.family, self.isTCP, self.ecn, self.length) = (family, isTCP, ecn, length)
        self.isDatagram = isDatagram
    }

    /// Where it goes, and where it comes from.
    enum Device: String, Sendable {
        /// Another host.
        case wire
        /// The sender's own `lo`.
        case loopback
    }

    /// The ports of UDP.
    static let port: UInt16 = 4100

    var headerSize: Int { family == .inet ? 20 : 40 }

    /// The hosts.
    enum Host: UInt8 {
        case near = 1
        case far
    }

    /// The address of a host on the wire.
    static func address(_ family: SocketKind.Family, _ host: Host) -> InternetAddress {
        family == .inet
            ? .v4(IPv4Address(10, 1, 0, host.rawValue))
            : .v6(IPv6Address(0xfd01, 0, 0, 0, 0, 0, 0, UInt16(host.rawValue)))
    }

    /// The other host, or this one.
    static func target(_ family: SocketKind.Family, _ device: Device) -> InternetAddress {
        switch (family, device) {
        case (_, .wire): address(family, .far)
        case (.inet, .loopback): .v4(.loopback)
        case (.inet6, .loopback): .v6(.loopback)
        }
    }

    /// This host, as it is known there.
    static func source(_ family: SocketKind.Family, _ device: Device) -> InternetAddress {
        device == .wire ? address(family, .near) : target(family, .loopback)
    }

    /// What a UDP socket sends: the number first, then zeros.
    func payload(_ serial: UInt32) -> [UInt8] {
        Self.bytes(serial) + [UInt8](repeating: 0, count: max(0, length - headerSize - 12))
    }

    /// The packet made by hand, with a number in it that tells it from others.
    ///
    /// Its checksum is wrong on purpose: no host answers it.
    func bytes(_ serial: UInt32, by device: Device) -> [UInt8] {
        let ports = EthernetFrame.big(Self.port) + EthernetFrame.big(Self.port)
        // The number stands where TCP has a sequence number, and behind the header of UDP.
        var inside =
            isTCP
            ? ports + Self.bytes(serial) + [0, 0, 0, 0, 0x50, 0x10, 0x10, 0, 0xde, 0xad, 0, 0]
            : ports + EthernetFrame.big(UInt16(length - headerSize)) + [0xde, 0xad] + Self.bytes(serial)
        inside += [UInt8](repeating: 0, count: max(0, length - headerSize - inside.count))
        let (source, target) = (Self.source(family, device), Self.target(family, device))
        switch (source, target) {
        case (.v4(let source), .v4(let target)):
            var packet = EthernetFrame.ipv4(from: source, to: target, proto: isTCP ? 6 : 17, inside)
            packet[1] = ecn
            return packet
        default:
            var packet = EthernetFrame.ipv6(from: source.bytes, to: target.bytes, next: isTCP ? 6 : 17, inside)
            packet[1] |= ecn << 4
            return packet
        }
    }

    private static func bytes(_ serial: UInt32) -> [UInt8] { withUnsafeBytes(of: serial.bigEndian) { Array($0) } }

    /// A packet of ours that was seen on a wire: its number, and its type of service or traffic class.
    static func read(_ frame: PacketSocket.Frame) -> (serial: UInt32, serviceClass: Int)? {
        let bytes = frame.bytes
        guard bytes.count >= 14 + 20 + 12 else { return nil }
        let (start, proto, serviceClass): (Int, UInt8, Int)
        switch (bytes[12], bytes[13]) {
        case (0x08, 0x00): (start, proto, serviceClass) = (34, bytes[23], Int(bytes[15]))
        case (0x86, 0xdd) where bytes.count >= 14 + 40 + 12:
            (start, proto, serviceClass) = (54, bytes[20], Int(bytes[14] & 15) << 4 | Int(bytes[15] >> 4))
        default: return nil
        }
        let ports = EthernetFrame.big(port)
        guard proto == 6 || proto == 17, Array(bytes[start + 2..<start + 4]) == ports else { return nil }
        let place = start + (proto == 6 ? 4 : 8)
        return (bytes[place..<place + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }, serviceClass)
    }
}
