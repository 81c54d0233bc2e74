import LinuxHost
import SampleLab

/// The sockets of a party, which are of the cgroup that the caller is in when they are made.
final class PartySockets {
    private let v4: Pair
    private let v6: Pair

    /// Sockets of one family.
    final class Pair {
        /// For datagrams of UDP.
        let datagrams: InternetSocket
        /// For echoes.
        private let echoes: InternetSocket
        private let family: SocketKind.Family

        fileprivate init(_ party: CgroupFlow.Party, _ family: SocketKind.Family) throws {
            self.family = family
            let address = PartySockets.address(party, family)
            datagrams = try InternetSocket(SocketKind(family, .datagram, 17))
            try datagrams.setBuffers(1 << 20)
            try datagrams.bind(to: address, port: PartySockets.port(party))
            echoes = try InternetSocket(SocketKind(family, .datagram, family == .inet ? 1 : 58))
            try echoes.bind(to: address)
        }

        /// Sends a datagram, or asks for an echo of it.
        ///
        /// - Returns: What the kernel said.
        func send(_ payload: [UInt8], _ flow: CgroupFlow) -> String {
            let target = PartySockets.address(flow.to, family)
            guard flow.isEcho else { return datagrams.offer(payload, to: target, port: PartySockets.port(flow.to)) }
            // The kernel fills in the checksum and the number that is the socket's.
            let header: [UInt8] = [family == .inet ? 8 : 128, 0, 0, 0, 0, 0, 0, 1]
            return echoes.offer(header + payload, to: target, port: 0)
        }

        /// The next datagram, or what came back of the next echo; `nil` if none does.
        func receive(_ flow: CgroupFlow, until deadline: Deadline) throws -> [UInt8]? {
            guard flow.isEcho else { return try datagrams.receive(until: deadline) }
            guard let message = try echoes.receive(until: deadline) else { return nil }
            // A message of another kind does not answer.
            let isAnswer = message.count >= 8 && message[0] == (family == .inet ? 0 : 129)
            return isAnswer ? Array(message[8...]) : nil
        }

        /// How many messages nobody took.
        func leftovers() throws -> Int { try datagrams.receiveAll().count + echoes.receiveAll().count }
    }

    init(_ party: CgroupFlow.Party) throws {
        v4 = try Pair(party, .inet)
        v6 = try Pair(party, .inet6)
    }

    subscript(family: SocketKind.Family) -> Pair { family == .inet ? v4 : v6 }

    /// The address of a party's host.
    static func address(_ party: CgroupFlow.Party, _ family: SocketKind.Family) -> InternetAddress {
        let host: UInt8 = party == .far ? 2 : 1
        return family == .inet
            ? .v4(IPv4Address(10, 1, 0, host)) : .v6(IPv6Address(0xfd01, 0, 0, 0, 0, 0, 0, UInt16(host)))
    }

    private static func port(_ party: CgroupFlow.Party) -> UInt16 { 4000 + UInt16(party.rawValue) }
}
