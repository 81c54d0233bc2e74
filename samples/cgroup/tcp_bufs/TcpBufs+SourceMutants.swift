import SampleKit

extension TcpBufs {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("55601", 1, "55602", "looks for another port of the client's"),
        SourceMutant("1500000", 1, "1500001", "asks for buffers that are one byte larger"),
        SourceMutant("40", 1, "41", "opens the window by a segment more"),
        SourceMutant("SO_SNDBUF", 2, "SO_RCVBUF", "sets one buffer twice where connections are accepted"),
        SourceMutant("1", 5, "0", "throws its replies away"),
    ]
}
