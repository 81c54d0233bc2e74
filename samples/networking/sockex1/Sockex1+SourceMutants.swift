import SampleKit

extension Sockex1 {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("protocol", 1, "ttl", "counts by TTL"),
        SourceMutant("!=", 1, "==", "counts what comes in"),
        SourceMutant("load_byte", 1, "(signed char)load_byte", "takes protocols from 128 on for negative numbers"),
        SourceMutant("256", 1, "255", "has no place for the last protocol"),
        SourceMutant("len", 1, "mark + 1", "counts packets in place of bytes"),
    ]
}
