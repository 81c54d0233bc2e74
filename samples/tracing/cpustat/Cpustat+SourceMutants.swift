import SampleKit

extension Cpustat {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("MAX_CPU", 5, "0", "serves processor 0 only"),
        SourceMutant("!=", 1, "==", "takes entering for leaving"),
        SourceMutant("MAX_CSTATE_ENTRIES", 3, "MAX_PSTATE_ENTRIES", "takes the other table's rows"),
        SourceMutant("1200000", 1, "1200001", "knows the last frequency wrong"),
        SourceMutant("MAP_OFF_PSTATE_TIME", 2, "MAP_OFF_CSTATE_TIME", "takes the wrong cell for the frequency's time"),
    ]
}
