import SampleKit

extension XdpRouterIpv4 {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("ETH_P_ARP", 1, "0x8035", "drops questions for addresses"),
        SourceMutant("50", 1, "49", "has one route less"),
        SourceMutant("daddr", 1, "saddr", "looks for the sender among the hosts"),
        SourceMutant("XDP_PASS", 2, "XDP_DROP", "drops what waits for its gateway's address"),
        SourceMutant("h_source", 1, "h_dest", "writes the sender's address over the receiver's"),
        SourceMutant("h_vlan_encapsulated_proto", 1, "h_vlan_TCI", "takes the number of a VLAN for a protocol"),
    ]
}
