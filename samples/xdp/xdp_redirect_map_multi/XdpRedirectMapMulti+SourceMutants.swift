import SampleKit

extension XdpRedirectMapMulti {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("BPF_F_EXCLUDE_INGRESS", 1, "0", "sends frames back to where they came from"),
        SourceMutant("BPF_F_BROADCAST", 1, "0", "sends to nobody in place of all"),
        SourceMutant("egress_ifindex", 1, "ingress_ifindex", "rewrites by the interface of entry"),
        SourceMutant("ETH_ALEN", 1, "4", "rewrites four bytes of the address"),
        SourceMutant("forward_map_native", 2, "forward_map_general", "takes the other map"),
    ]
}
