import SampleKit

extension TcpCong {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("0", 2, "1", "compares another word of the address"),
        SourceMutant("1", 6, "0", "does not ask for ECN"),
        SourceMutant(
            "BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB",
            1,
            "BPF_SOCK_OPS_TCP_CONNECT_CB",
            "chooses when connecting, not when connected"
        ),
        SourceMutant("SOL_TCP", 2, "SOL_IP", "sets an option of another level"),
        SourceMutant("bpf_ntohl", 1, "", "does not turn the port around"),
    ]
}
