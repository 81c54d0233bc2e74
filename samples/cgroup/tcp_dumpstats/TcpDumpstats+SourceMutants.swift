import SampleKit

extension TcpDumpstats {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("delivered", 1, "segs_in", "prints segments received for those delivered"),
        SourceMutant("dsack_dups", 1, "total_retrans", "prints retransmissions for duplicates"),
        SourceMutant("icsk_retransmits", 1, "lost_out", "prints segments lost for timeouts"),
        SourceMutant("1000000000ULL", 1, "900000000ULL", "prints a tenth of a second early"),
        SourceMutant(
            "BPF_SOCK_OPS_TCP_CONNECT_CB",
            1,
            "BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB",
            "begins when the connection stands"
        ),
    ]
}
