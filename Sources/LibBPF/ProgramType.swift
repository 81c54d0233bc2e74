/// A program's type, by its number in `enum bpf_prog_type` (include/uapi/linux/bpf.h).
public struct ProgramType: RawRepresentable, Sendable, Hashable {
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
    /// `BPF_PROG_TYPE_XDP`.
    public static let xdp = ProgramType(rawValue: 6)
    /// `BPF_PROG_TYPE_RAW_TRACEPOINT`.
    public static let rawTracepoint = ProgramType(rawValue: 17)
}
