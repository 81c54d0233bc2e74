import SampleKit

extension ParseLdabs {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("IPPROTO_UDP", 1, "IPPROTO_TCP", "drops TCP in place of UDP"),
        SourceMutant("IP_MF", 2, "0", "drops first fragments too"),
        SourceMutant("dest", 1, "source", "looks at the other port"),
        SourceMutant("0x45", 1, "0x46", "expects a longer header"),
        SourceMutant("9", 1, "8", "drops another port"),
    ]
}
