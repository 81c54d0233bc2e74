import SampleKit

extension TcpTosReflect {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("tos", 3, "ttl", "reflects the time to live"),
        SourceMutant("<<", 1, ">>", "loses the upper half of a traffic class"),
        SourceMutant("1", 2, "2", "saves the frame's header as well"),
        SourceMutant("AF_INET", 2, "AF_INET6", "takes IPv4 for IPv6"),
        SourceMutant("!=", 1, "==", "reflects no class but none"),
    ]
}
