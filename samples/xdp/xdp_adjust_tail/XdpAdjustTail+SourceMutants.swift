import SampleKit

extension XdpAdjustTail {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant(">", 10, ">=", "answers frames of the greatest size"),
        SourceMutant("daddr", 2, "saddr", "answers from the sender itself"),
        SourceMutant("csum", 17, "0", "leaves out the checksum of the IPv4 header"),
        SourceMutant("92", 1, "90", "leaves two bytes out of the checksum of ICMP"),
        SourceMutant("max_pcktsz", 2, "MAX_PCKT_SIZE", "announces a constant MTU"),
    ]
}
