import SampleKit

extension Xdp1 {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("ETH_P_8021AD", 2, "ETH_P_8021Q", "takes no 802.1AD tag inside another"),
        SourceMutant("iph", 3, "(signed char)iph", "takes protocols from 128 on for negative numbers"),
        SourceMutant("1", 3, "3", "reads two bytes less of a frame"),
        SourceMutant("XDP_DROP", 1, "XDP_PASS", "lets frames pass"),
        SourceMutant("if", 11, "if (!bpf_get_smp_processor_id()) if", "loses the counts of all processors but one"),
    ]
}
