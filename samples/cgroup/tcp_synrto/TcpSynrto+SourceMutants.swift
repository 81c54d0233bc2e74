import SampleKit

extension TcpSynrto {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("10", 1, "11", "times out a tick later"),
        SourceMutant("==", 3, "!=", "takes addresses for near whose first words differ"),
        SourceMutant("0xfff00000", 1, "0xffff0000", "compares a longer prefix"),
        SourceMutant(
            "BPF_SOCK_OPS_TIMEOUT_INIT",
            1,
            "BPF_SOCK_OPS_RWND_INIT",
            "gives a timeout to who asks for a window"
        ),
        SourceMutant("AF_INET6", 1, "AF_INET", "takes IPv4 for near"),
    ]
}
