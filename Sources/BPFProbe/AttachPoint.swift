/// A place where programs can be attached, asked by attaching one that does nothing.
public struct AttachPoint: Sendable, Hashable {
    /// Its name, such as `cgroup_device`.
    public let name: String
    /// The program type's number.
    let programType: UInt32
    /// The attach type that the program is loaded for; 0 where none is needed.
    let loadedFor: UInt32
    /// How it is attached, and to what.
    let way: Way
    /// The refusal that shows the attach point to be there, where the probe's target is a wrong one on purpose.
    let refusalOfWrongTarget: CInt?

    /// How a program is attached.
    enum Way: Sendable, Hashable {
        /// `BPF_RAW_TRACEPOINT_OPEN` by a name.
        case rawTracepoint(String)
        /// `BPF_RAW_TRACEPOINT_OPEN` of a program that knows its tracepoint.
        case ownTracepoint
        /// `BPF_LINK_CREATE` without a target.
        case link(UInt32, [UInt8])
        /// `BPF_LINK_CREATE` to `lo` of a private network namespace.
        case loopback(UInt32)
        /// `BPF_LINK_CREATE` to a private network namespace.
        case network(UInt32)
        /// `BPF_LINK_CREATE` to an empty cgroup.
        case cgroup(UInt32)
    }

    private init(_ name: String, _ type: UInt32, _ loadedFor: UInt32, _ way: Way, wrongTarget: CInt? = nil) {
        self.name = name
        programType = type
        self.loadedFor = loadedFor
        self.way = way
        refusalOfWrongTarget = wrongTarget
    }

    private static func bytes(_ words: [UInt32]) -> [UInt8] { words.withUnsafeBytes { Array($0) } }

    /// Every attach point that is asked for.
    public static let all: [AttachPoint] = [
        AttachPoint("raw_tracepoint", 17, 0, .rawTracepoint("sched_process_exec")),
        AttachPoint("tp_btf", 26, 23, .ownTracepoint),
        AttachPoint("iter_task", 26, 28, .link(28, [])),
        AttachPoint("xdp", 6, 37, .loopback(37)),
        AttachPoint("tcx_ingress", 3, 0, .loopback(46)),
        // lo is no netkit device: the kernel that knows netkit says ENXIO.
        AttachPoint("netkit_primary", 3, 0, .loopback(54), wrongTarget: 6),
        // NFPROTO_IPV4, NF_INET_LOCAL_IN, a priority that is not the highest, no flags.
        AttachPoint("netfilter", 32, 45, .link(45, bytes([2, 1, 100, 0]))),
        AttachPoint("flow_dissector", 22, 0, .network(17)),
        AttachPoint("sk_lookup", 30, 36, .network(36)),
        AttachPoint("cgroup_inet_ingress", 8, 0, .cgroup(0)),
        AttachPoint("cgroup_inet_sock_create", 9, 0, .cgroup(2)),
        AttachPoint("cgroup_sock_ops", 13, 0, .cgroup(3)),
        AttachPoint("cgroup_device", 15, 0, .cgroup(6)),
        AttachPoint("cgroup_inet4_connect", 18, 10, .cgroup(10)),
        AttachPoint("cgroup_sysctl", 23, 0, .cgroup(18)),
        AttachPoint("cgroup_getsockopt", 25, 21, .cgroup(21)),
        AttachPoint("cgroup_unix_connect", 18, 49, .cgroup(49)),
    ]
}
