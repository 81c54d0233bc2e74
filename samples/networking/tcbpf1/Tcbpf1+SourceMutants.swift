import SampleKit

extension Tcbpf1 {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("IS_PSEUDO", 2, "0", "leaves the pseudo header out of the checksum of TCP"),
        SourceMutant("bpf_l3_csum_replace", 2, "(void)", "leaves the IPv4 checksum as it is"),
        SourceMutant("dest", 1, "source", "rewrites the other port"),
        SourceMutant("1", 4, "0", "sends out in place of in"),
        SourceMutant("TC_ACT_SHOT", 1, "TC_ACT_OK", "lets the packet pass as well as its clone"),
    ]
}
