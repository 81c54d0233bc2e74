import SampleKit

extension XdpTxIptunnel {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("dest", 2, "source", "looks up the other port of UDP"),
        SourceMutant("AF_INET", 2, "tnl->family", "takes tunnels of the other family"),
        SourceMutant("+", 12, "&", "folds the checksum wrongly"),
        SourceMutant("8", 1, "9", "sends with another TTL"),
        SourceMutant("+", 21, "-", "announces a wrong length over IPv6"),
    ]
}
