import SampleKit

extension TcpClamp {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("0xfff00000", 1, "0xffff0000", "compares a longer prefix"),
        SourceMutant("AF_INET6", 1, "AF_INET", "takes IPv4 for near"),
        SourceMutant("10", 1, "11", "times out a tick later"),
        SourceMutant("100", 1, "101", "clamps the window to a segment more"),
        SourceMutant("TCP_BPF_SNDCWND_CLAMP", 2, "TCP_BPF_IW", "sets another option where connections are accepted"),
    ]
}
