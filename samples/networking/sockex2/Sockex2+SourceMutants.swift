import SampleKit

extension Sockex2 {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("dst", 4, "src", "counts by source"),
        SourceMutant("w3", 2, "w2", "hashes three words of an IPv6 address"),
        SourceMutant("GRE_KEY", 1, "0", "does not expect a key in GRE"),
        SourceMutant("1024", 1, "1023", "has room for a flow less"),
        SourceMutant("skb", 27, "0 * skb", "counts no bytes but the first"),
    ]
}
