import SampleKit

extension TestIpip {
    static let sourceMutants = [
        SourceMutant("0xac100164", 6, "0xac1001c8", "sends IPv4 in IPv4 to the host itself"),
        SourceMutant("tunnel_ttl", 11, "tunnel_tos", "gives IPv4 in IPv4 a type of service in place of a lifetime"),
        SourceMutant("64", 12, "63", "gives IPv4 in IPv6 a lifetime that is one less"),
        SourceMutant("IPPROTO_ICMP", 1, "IPPROTO_IGMP", "takes another protocol for ICMP in tunnels of IPv4"),
        SourceMutant("if", 47, "if (0) if", "gives no packet of IPv4 an address in IPv4"),
        SourceMutant("==", 2, ">=", "takes all protocols from ICMP on for ICMP in IPv6"),
        SourceMutant("3", 12, "2", "writes the wrong word of an address for IPv4 in IPv6"),
        SourceMutant("==", 3, "!=", "gives what is no ICMP an address for IPv6 in IPv6"),
        SourceMutant("58", 1, "59", "takes the next protocol's number for ICMP's in IPv6"),
        SourceMutant("BPF_F_TUNINFO_IPV6", 12, "0", "describes a tunnel of IPv4 for IPv6 in IPv6"),
        SourceMutant("bpf_skb_set_tunnel_key", 12, "(int)", "describes no tunnel for IPv4 in IPv6"),
        SourceMutant("0", 74, "1", "prints another word of the sender's address"),
        SourceMutant("remote_ipv4", 13, "tunnel_id", "prints the key in place of the sender's address"),
        SourceMutant("TC_ACT_SHOT", 40, "TC_ACT_OK", "lets out what is shorter than a header"),
    ]
}
