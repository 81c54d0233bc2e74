import SampleKit

extension TcpRwnd {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("40", 1, "41", "opens the window by a segment more"),
        SourceMutant("||", 1, "&&", "wants both words to differ"),
        SourceMutant("0xfffff000", 2, "0xffffff00", "compares with masks of two lengths"),
        SourceMutant(
            "BPF_SOCK_OPS_RWND_INIT",
            1,
            "BPF_SOCK_OPS_TIMEOUT_INIT",
            "gives a window to who asks for a timeout"
        ),
        SourceMutant("local_port", 1, "remote_port", "never looks at the server's port"),
    ]
}
