import SampleKit

extension ParseSimple {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("protocol", 1, "ttl", "reads the TTL as the protocol"),
        SourceMutant("5", 1, "6", "expects a longer header"),
        SourceMutant("ip_is_fragment", 1, "0 & (long)", "drops fragments too"),
        SourceMutant("dest", 1, "source", "looks at the other port"),
        SourceMutant("TC_ACT_SHOT", 1, "TC_ACT_OK", "drops nothing"),
    ]
}
