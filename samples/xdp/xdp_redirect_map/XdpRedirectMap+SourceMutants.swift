import SampleKit

extension XdpRedirectMap {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("tx_port_native", 2, "tx_port_general", "takes the other map"),
        SourceMutant("0", 2, "XDP_PASS", "lets frames pass that find no port"),
        SourceMutant("h_source", 1, "h_dest", "rewrites the other address at the port"),
        SourceMutant("swap_src_dst_mac", 1, "(void)", "leaves the addresses as they are"),
        SourceMutant("processed", 1, "dropped", "counts frames as dropped"),
    ]
}
