import SampleKit

extension Tracex1 {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("&&", 1, "||", "wants one of two letters"),
        SourceMutant("1", 1, "2", "looks at another letter"),
        SourceMutant("skb", 6, "dev", "prints the device's address"),
        SourceMutant("bpf_trace_printk", 1, "(void)", "prints nothing"),
    ]
}
