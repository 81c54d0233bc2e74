import SampleKit

extension TcpBasertt {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("80", 1, "8", "claims a tenth of the round trip"),
        SourceMutant("AF_INET6", 1, "AF_INET", "looks at IPv4 only"),
        SourceMutant("BPF_SOCK_OPS_BASE_RTT", 1, "BPF_SOCK_OPS_RWND_INIT", "answers another question"),
        SourceMutant("remote_ip6", 1, "local_ip6", "compares the own address with itself"),
    ]
}
