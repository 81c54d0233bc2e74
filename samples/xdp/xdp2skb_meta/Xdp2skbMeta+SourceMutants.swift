import SampleKit

extension Xdp2skbMeta {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("42", 1, "43", "XDP says another mark"),
        SourceMutant("41", 1, "42", "marks frames without metadata like those with it"),
        SourceMutant("TC_ACT_OK", 1, "TC_ACT_SHOT", "drops frames without metadata"),
        SourceMutant("meta", 8, "(__u16)meta", "reads half of the mark"),
        SourceMutant("1", 2, "2", "wants room for two marks"),
    ]
}
