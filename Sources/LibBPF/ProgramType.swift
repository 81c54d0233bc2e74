/// A program's type, by its number in `enum bpf_prog_type` (include/uapi/linux/bpf.h).
public struct ProgramType: RawRepresentable, Sendable, Hashable, Codable {
    /// The number.
    public var rawValue: UInt32

    /// A type by its number, which need not be one that any kernel has.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `BPF_PROG_TYPE_SOCKET_FILTER`.
    public static let socketFilter = ProgramType(rawValue: 1)
    /// `BPF_PROG_TYPE_KPROBE`.
    public static let kprobe = ProgramType(rawValue: 2)
    /// `BPF_PROG_TYPE_SCHED_CLS`.
    public static let trafficClassifier = ProgramType(rawValue: 3)
    /// `BPF_PROG_TYPE_TRACEPOINT`.
    public static let tracepoint = ProgramType(rawValue: 5)
    /// `BPF_PROG_TYPE_XDP`.
    public static let xdp = ProgramType(rawValue: 6)
    /// `BPF_PROG_TYPE_PERF_EVENT`.
    public static let perfEvent = ProgramType(rawValue: 7)
    /// `BPF_PROG_TYPE_CGROUP_SKB`.
    public static let cgroupPacket = ProgramType(rawValue: 8)
    /// `BPF_PROG_TYPE_CGROUP_SOCK`.
    public static let cgroupSocket = ProgramType(rawValue: 9)
    /// `BPF_PROG_TYPE_LWT_IN`: a route's program for packets that come in by it.
    public static let routeIn = ProgramType(rawValue: 10)
    /// `BPF_PROG_TYPE_LWT_OUT`: a route's program for packets that go out by it.
    public static let routeOut = ProgramType(rawValue: 11)
    /// `BPF_PROG_TYPE_LWT_XMIT`: a route's program for packets about to be sent, which may change and redirect them.
    public static let routeTransmit = ProgramType(rawValue: 12)
    /// `BPF_PROG_TYPE_SOCK_OPS`.
    public static let socketOperations = ProgramType(rawValue: 13)
    /// `BPF_PROG_TYPE_RAW_TRACEPOINT`.
    public static let rawTracepoint = ProgramType(rawValue: 17)
}

/// Where a program is attached, by its number in `enum bpf_attach_type` (include/uapi/linux/bpf.h).
public struct AttachType: RawRepresentable, Sendable, Hashable, Codable {
    /// The number.
    public var rawValue: UInt32

    /// A type by its number, which need not be one that any kernel has.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// 0, which stands for none where a program's type alone says where it goes.
    public static let unspecified = AttachType(rawValue: 0)
    /// `BPF_CGROUP_INET_INGRESS`.
    public static let cgroupIngress = AttachType(rawValue: 0)
    /// `BPF_CGROUP_INET_EGRESS`.
    public static let cgroupEgress = AttachType(rawValue: 1)
    /// `BPF_CGROUP_INET_SOCK_CREATE`.
    public static let cgroupSocketCreation = AttachType(rawValue: 2)
    /// `BPF_CGROUP_SOCK_OPS`.
    public static let cgroupSocketOperations = AttachType(rawValue: 3)
    /// `BPF_XDP_DEVMAP`: run for what a device map sends (Linux 5.8).
    public static let deviceMap = AttachType(rawValue: 35)
    /// `BPF_XDP_CPUMAP`: run on the processor that a processor map sends to (Linux 5.9).
    public static let processorMap = AttachType(rawValue: 36)
    /// `BPF_XDP`.
    public static let xdp = AttachType(rawValue: 37)
}
