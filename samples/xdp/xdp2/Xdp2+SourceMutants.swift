import SampleKit

extension Xdp2 {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("2", 3, "0", "exchanges two words of the addresses wrongly"),
        SourceMutant("IPPROTO_UDP", 1, "IPPROTO_TCP", "sends TCP back in place of UDP"),
        SourceMutant("XDP_TX", 1, "XDP_PASS", "lets UDP pass in place of sending it back"),
        SourceMutant("+=", 3, "=", "does not add to the count"),
        SourceMutant("ip6h", 3, "(signed char)ip6h", "takes next headers from 128 on for negative numbers"),
    ]
}
