import SampleKit

extension XdpRedirect {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant(
            "bpf_get_smp_processor_id",
            1,
            "0 * bpf_get_smp_processor_id",
            "counts on the first processor for all"
        ),
        SourceMutant("ifindex_out", 2, "(u16)ifindex_out", "cuts the interface to 16 bits"),
        SourceMutant("swap_src_dst_mac", 1, "(void)", "leaves the addresses as they are"),
        SourceMutant("0", 1, "1", "gives a flag that the kernel does not know"),
        SourceMutant("1", 4, "2", "exchanges the addresses wrongly", in: "samples/bpf/xdp_sample.bpf.h"),
    ]
}
