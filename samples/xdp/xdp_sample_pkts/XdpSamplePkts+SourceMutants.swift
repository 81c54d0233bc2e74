import SampleKit

extension XdpSamplePkts {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("0xdead", 1, "0xadde", "writes the cookie in the other byte order"),
        SourceMutant("64ul", 1, "63ul", "takes a byte less of a frame"),
        SourceMutant("BPF_F_CURRENT_CPU", 1, "0", "writes all samples to the first processor"),
        SourceMutant("u16", 4, "u8", "cuts the length to 8 bits"),
        SourceMutant("XDP_PASS", 1, "XDP_DROP", "drops frames"),
    ]
}
