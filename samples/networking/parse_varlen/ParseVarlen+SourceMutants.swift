import SampleKit

extension ParseVarlen {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("iph", 5, "20 + 0 * iph", "expects no options"),
        SourceMutant("source", 1, "dest", "does not look at the source port of TCP"),
        SourceMutant("ip_is_fragment", 1, "0 & (long)", "drops fragments too"),
        SourceMutant("IPPROTO_IPIP", 2, "IPPROTO_GRE", "does not look into IPv4 in IPv6"),
        SourceMutant("ETH_P_8021AD", 2, "ETH_P_8021Q", "takes no 802.1AD tag inside another"),
    ]
}
