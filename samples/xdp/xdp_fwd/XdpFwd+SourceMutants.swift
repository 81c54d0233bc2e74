import SampleKit

extension XdpFwd {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("<=", 1, "<", "forwards a TTL of 1"),
        SourceMutant(">=", 1, ">", "loses the carry of the checksum once"),
        SourceMutant("iph", 12, "0 * iph", "asks without the source address"),
        SourceMutant("dmac", 1, "smac", "gives frames to the router itself"),
        SourceMutant("--", 2, "", "leaves the hop limit as it is"),
    ]
}
