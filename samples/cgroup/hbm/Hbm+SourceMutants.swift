import SampleKit

extension Hbm {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("INIT_CREDIT", 2, "0", "begins without credit", in: "samples/bpf/hbm_kern.h"),
        SourceMutant("128", 2, "64", "limits to half of the rate"),
        SourceMutant("loopback", 1, "no_cn", "asks another flag about loopback"),
        SourceMutant("nexthdr", 1, "hop_limit", "takes hops for the protocol of IPv6", in: "samples/bpf/hbm_kern.h"),
        SourceMutant("tos", 1, "ttl", "reads hops for ECN of IPv4", in: "samples/bpf/hbm_kern.h"),
    ]
}
