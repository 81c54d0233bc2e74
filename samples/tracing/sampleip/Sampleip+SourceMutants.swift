import SampleKit

extension Sampleip {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("PT_REGS_IP", 1, "PT_REGS_FP", "counts by the frame pointer"),
        SourceMutant("+=", 1, "=", "counts each address once"),
        SourceMutant("1", 1, "0", "loses an address's first sample"),
        SourceMutant("8192", 1, "4096", "has half the room"),
        SourceMutant("1", 2, "2", "counts twice"),
    ]
}
