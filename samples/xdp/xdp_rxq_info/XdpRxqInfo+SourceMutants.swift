import SampleKit

extension XdpRxqInfo {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("rx_queue_index", 1, "ingress_ifindex & 1", "takes the interface for the queue"),
        SourceMutant("==", 1, "!=", "calls queues an issue that have a place"),
        SourceMutant("config", 8, "0 & config", "reads no frame"),
        SourceMutant("<", 5, "<=", "takes the least type for a length"),
        SourceMutant("action", 2, "options", "takes the options for the action"),
    ]
}
