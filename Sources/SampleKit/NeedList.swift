public import RunModel

/// What a sample needs, written as text: `["CONFIG_BPF_SYSCALL", "kernel>=5.18"]`, or joined of named sets:
/// `.bpf + .veth + ["kernel>=5.18"]`.
///
/// The text is that of `Need`. What stands twice counts once.
public struct NeedList: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// The needs, in the order in which they are looked at.
    public private(set) var needs: [Need] = []
    /// What was written and is no need; a test finds such a text in any manifest of the catalogue.
    public private(set) var misspelled: [String] = []

    /// Lists needs by their text.
    public init(arrayLiteral texts: String...) { self.init(texts) }

    /// Lists needs by their text.
    public init(_ texts: [String]) {
        for text in texts {
            guard let need = Need(text) else {
                misspelled.append(text)
                continue
            }
            if !needs.contains(need) { needs.append(need) }
        }
    }

    /// The needs of both.
    public static func + (left: NeedList, right: NeedList) -> NeedList {
        var joined = NeedList((left.needs + right.needs).map(\.description))
        joined.misspelled = left.misspelled + right.misspelled
        return joined
    }

    /// bpf(2) itself, which every sample needs.
    public static let bpf: NeedList = ["CONFIG_BPF_SYSCALL"]
    /// Programs on tracepoints, kprobes and perf events.
    public static let tracing: NeedList = bpf + ["CONFIG_PERF_EVENTS", "CONFIG_BPF_EVENTS"]
    /// Programs on functions of the kernel, attached by perf events.
    public static let kprobes: NeedList = tracing + ["CONFIG_KPROBES", "CONFIG_KPROBE_EVENTS"]
    /// Ring buffers and perf buffers: libbpf waits for them by epoll(7).
    public static let eventBuffers: NeedList = ["CONFIG_EPOLL"]
    /// Programs of a cgroup, attached by links.
    public static let cgroup: NeedList = bpf + ["CONFIG_CGROUP_BPF", "kernel>=5.7"]
    /// Veth pairs with packet sockets on their ends.
    public static let veth: NeedList = ["CONFIG_PACKET", "CONFIG_VETH"]
    /// XDP programs on veth pairs, attached by links.
    public static let xdp: NeedList = bpf + veth + ["kernel>=5.9"]
    /// Programs of traffic control (`clsact`).
    public static let trafficControl: NeedList =
        bpf + ["CONFIG_NET_CLS_ACT", "CONFIG_NET_CLS_BPF", "CONFIG_NET_SCH_INGRESS"]
    /// Programs of routes (light-weight tunnels).
    public static let routePrograms: NeedList = bpf + ["CONFIG_LWTUNNEL", "CONFIG_LWTUNNEL_BPF"]
}
