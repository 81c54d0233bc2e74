import SampleKit

extension XdpRedirectCpu {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("<", 2, "<=", "takes the least type for a length"),
        SourceMutant("9", 1, "10", "drops another port"),
        SourceMutant("+", 17, "-", "hashes both directions of a flow differently"),
        SourceMutant("==", 6, ">", "goes on behind the last processor"),
        SourceMutant("2", 1, "1", "gives ICMP to the processor of UDP"),
    ]
}
