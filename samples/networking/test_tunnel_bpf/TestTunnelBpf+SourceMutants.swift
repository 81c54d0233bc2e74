import SampleKit

extension TestTunnelBpf {
    static let sourceMutants = [
        SourceMutant("tunnel_id", 1, "tunnel_tos", "gives GRE a type of service in place of its key"),
        SourceMutant("BPF_F_SEQ_NUMBER", 1, "0", "does not ask for sequence numbers in GRE"),
        SourceMutant("0xabcde", 1, "0xabcdf", "gives GRE in IPv6 the next flow label"),
        SourceMutant("64", 2, "65", "gives GRE in IPv6 a lifetime that is one more"),
        SourceMutant("BPF_F_TUNINFO_IPV6", 1, "0", "describes a tunnel of IPv4 to the device of IPv6"),
        SourceMutant("0", 8, "8", "gives ERSPAN a type of service"),
        SourceMutant("1", 6, "0", "takes ERSPAN's direction for the other one"),
        SourceMutant("0x3", 2, "0x2", "cuts the upper bits of ERSPAN's hardware in IPv6"),
        SourceMutant("timestamp", 2, "sgt", "prints other bits in place of ERSPAN's time"),
        SourceMutant("local_ipv4", 2, "tunnel_label", "does not say where VXLAN comes from"),
        SourceMutant("0x800FF", 2, "0xFF", "sends VXLAN with a policy that is not applied"),
        SourceMutant("TUNNEL_CSUM", 1, "TUNNEL_SEQ", "lets in VXLAN with a checksum"),
        SourceMutant("!", 8, "", "refuses VXLAN with a checksum in IPv6"),
        SourceMutant("VXLAN_UDP_PORT", 2, "4790", "looks for VXLAN at the next port"),
        SourceMutant("bpf_l3_csum_replace", 1, "(int)", "leaves the checksum of IPv4 as it was for the other address"),
        SourceMutant("if", 28, "if (0) if", "turns nothing to the host's first address"),
        SourceMutant("22", 2, "2", "gives VXLAN in IPv6 the network of that in IPv4"),
        SourceMutant("bpf_htonl", 7, "", "sends VXLAN in IPv6 to an address in the wrong order"),
        SourceMutant("gopt", 12, "gopt.opt_data", "gives the kernel an option of another length than it says"),
        SourceMutant("0x08", 2, "0x09", "gives an option of GENEVE in IPv6 another type"),
        SourceMutant("bpf_skb_set_tunnel_opt", 6, "(int)", "gives GENEVE in IPv6 no options"),
        SourceMutant("spi", 1, "reqid", "prints the request in place of the association's number"),
    ]
}
