import SampleKit

extension Sockex3 {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("32", 1, "1", "has a place for the first processor alone"),
        SourceMutant("GRE_VERSION", 1, "0", "takes any version of GRE"),
        SourceMutant("saddr", 2, "daddr", "takes the destination for the source over IPv6"),
        SourceMutant("2", 3, "1", "halves the length of the header"),
        SourceMutant("GRE_SEQ", 1, "0", "does not expect a sequence number in GRE"),
    ]
}
