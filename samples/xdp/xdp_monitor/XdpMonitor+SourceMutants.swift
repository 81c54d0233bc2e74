import SampleKit

extension XdpMonitor {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("2", 1, "3", "counts EINVAL as ENETDOWN", in: "samples/bpf/xdp_sample.bpf.c"),
        SourceMutant("sent", 2, "!!sent", "counts one frame of a batch", in: "samples/bpf/xdp_sample.bpf.c"),
        SourceMutant(
            "processed",
            4,
            "processed & 7",
            "counts frames of a batch for a processor wrongly",
            in: "samples/bpf/xdp_sample.bpf.c"
        ),
        SourceMutant(
            "if",
            20,
            "if (0) if",
            "counts frames to interfaces that are not named",
            in: "samples/bpf/xdp_sample.bpf.c"
        ),
        SourceMutant("cpu", 9, "0", "counts on the first processor for all", in: "samples/bpf/xdp_sample.bpf.c"),
    ]
}
