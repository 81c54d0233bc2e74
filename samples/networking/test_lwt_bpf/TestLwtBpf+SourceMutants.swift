import SampleKit

extension TestLwtBpf {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("daddr", 1, "saddr", "prints the sender twice"),
        SourceMutant("CB_MAGIC", 2, "4321", "prints another mark"),
        SourceMutant("bpf_l3_csum_replace", 1, "(int)", "leaves the checksum of the header"),
        SourceMutant("0x3fea8c0", 1, "0x4fea8c0", "rewrites to another address"),
        SourceMutant("smac", 2, "dmac", "sends from the receiver's address"),
        SourceMutant("88", 1, "80", "leaves the last eight of 96 bytes"),
    ]
}
