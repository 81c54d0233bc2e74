import LinuxHost
import Testing

@testable import SampleLab

struct TopologyTests {
    private static let topology = Topology(
        hosts: [.init("a"), .init("b", forwards: true)],
        links: [
            .init(.init("a", "eth0", ["10.1.0.1/24"]), .init("b", "near", ["10.1.0.2/24", "fd01::2/64"])),
            .init(.init("b", "far"), .init("a", "eth1")),
        ]
    )

    @Test func `hardware addresses tell links and ends apart`() {
        let all = [("a", "eth0"), ("b", "near"), ("b", "far"), ("a", "eth1")].map(Self.topology.hardware)
        #expect(
            all.map { "\($0.map { "\($0)" } ?? "none")" } == [
                "02:00:00:00:01:01", "02:00:00:00:01:02", "02:00:00:00:02:01", "02:00:00:00:02:02",
            ]
        )
        #expect(Self.topology.hardware("a", "lo") == nil)
    }

    @Test(arguments: ["10.1.0.1/33", "10.1.0/24", "fd01::/129", "fd01:/64", "", "/24", "10.1.0.1/x"])
    func `what is no prefix is refused with its text`(text: String) {
        #expect(throws: Topology.Mistake.self) { try Topology.prefix(text) }
    }

    @Test func `addresses are read as people write them`() throws {
        #expect(try Topology.prefix("10.1.2.3/24") == AddressPrefix(.v4(IPv4Address(10, 1, 2, 3)), 24))
        #expect(try Topology.prefix("fd01::2") == AddressPrefix(.v6(IPv6Address(0xfd01, 0, 0, 0, 0, 0, 0, 2)), 128))
        #expect(try Topology.address("[::1]") == .v6(.loopback))
    }
}

struct ProtocolCountersTests {
    @Test func `counters are named by their protocol`() {
        let text = """
            Ip: Forwarding DefaultTTL InReceives ForwDatagrams
            Ip: 1 64 7 3
            Icmp: InMsgs InErrors
            Icmp: 2 0
            Udp: InDatagrams
            Udp: 5
            """
        let found = ProtocolCounters.parse(snmp: text)
        #expect(found["Ip.ForwDatagrams"] == 3 && found["Icmp.InMsgs"] == 2 && found["Udp.InDatagrams"] == 5)
        #expect(
            ProtocolCounters.parse(snmp6: "Ip6OutForwDatagrams \t 4\nodd line here\n") == ["Ip6OutForwDatagrams": 4]
        )
    }
}
