import SampleKit

extension TcL2Redirect {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("0xffffff00", 1, "0xffffff80", "redirects half of the network"),
        SourceMutant("BPF_F_TUNINFO_IPV6", 1, "0", "marks the IPv6 tunnel as IPv4"),
        SourceMutant("IPPROTO_IPV6", 1, "IPPROTO_IPIP", "forwards no IPv6 in IPv6"),
        SourceMutant("BPF_F_INGRESS", 1, "0", "sends answers out in place of in"),
    ]
}
