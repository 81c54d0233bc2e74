import SampleKit

extension TcpIw {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("55601", 2, "55602", "looks for another port of the server's"),
        SourceMutant("40", 2, "41", "begins with a segment more"),
        SourceMutant("TCP_BPF_IW", 1, "TCP_BPF_SNDCWND_CLAMP", "limits the congestion window in place of setting it"),
        SourceMutant("SO_SNDBUF", 2, "SO_RCVBUF", "sets one buffer twice where connections are accepted"),
        SourceMutant("-", 2, "", "replies 1 to what it leaves alone"),
    ]
}
