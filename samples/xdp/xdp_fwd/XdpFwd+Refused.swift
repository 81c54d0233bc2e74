import LinuxHost
import SampleKit
import SampleLab

extension XdpFwd {
    /// Packets that rules and routes of the router refuse, so that a program must ask with all that it knows of a packet.
    enum Refused {
        /// Where packets go that rules are about.
        static let target4 = IPv4Address(10, 22, 0, 1)
        static let target6: UInt16 = 0xfd22
        /// A sender whose packets are refused.
        static let source4 = IPv4Address(10, 1, 0, 77)
        static let source6 = IPv6Address(0xfd01, 0, 0, 0, 0, 0, 0, 77)
        /// Senders that no packet comes from, which the stack drops without having counted it; the program does not ask.
        static let nobody4 = IPv4Address(224, 0, 0, 9)
        static let nobody6 = IPv6Address(0xff02, 0, 0, 0, 0, 0, 0, 9)
        /// A type of service, a protocol and a port that are.
        static let service: UInt8 = 0x10
        static let proto: UInt8 = 254
        static let port: UInt16 = 53
        /// A network that no packet may go to from the left.
        static let fromLeft = IPv4Address(10, 22, 128, 1)

        /// The rules.
        static func selectors(from entrance: Interface) -> [PacketSelector] {
            let all4 = AddressPrefix(.v4(IPv4Address(10, 22, 0, 0)), 17)
            let all6 = AddressPrefix(.v6(IPv6Address(target6, 0, 0, 0, 0, 0, 0, 0)), 64)
            let left = AddressPrefix(.v4(IPv4Address(10, 22, 128, 0)), 17)
            return [
                PacketSelector(to: all4, from: AddressPrefix(.v4(source4), 32)),
                PacketSelector(to: all4, service: service),
                PacketSelector(to: all4, proto: proto),
                PacketSelector(to: all4, proto: 17, port: port),
                PacketSelector(to: left, entrance: entrance),
                PacketSelector(to: all6, from: AddressPrefix(.v6(source6), 128)),
                PacketSelector(to: all6, service: service),
                PacketSelector(to: all6, proto: proto),
            ]
        }

        /// The network of a route whose packets go nowhere.
        static func prefix(_ number: Int) -> AddressPrefix {
            AddressPrefix(.v4(IPv4Address(10, 23, UInt8(number), 0)), 24)
        }
    }
}
