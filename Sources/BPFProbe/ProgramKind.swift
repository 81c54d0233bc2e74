/// A program type of linux/bpf.h, and the smallest loads that show whether the kernel has it.
public struct ProgramKind: Sendable, Hashable {
    /// The type's name, such as `BPF_PROG_TYPE_XDP`.
    public let name: String
    /// Its number in `enum bpf_prog_type`.
    public let number: UInt32
    /// The capabilities that loading it takes since Linux 5.8 (`bpf_prog_load` in kernel/bpf/syscall.c).
    public let capabilities: [Capability]
    /// The loads: one, or one for each attach type where the kernel decides by that.
    public let forms: [Form]

    init(_ name: String, _ number: UInt32, _ capabilities: [Capability] = [.bpf], _ forms: [Form] = [Form()]) {
        self.name = "BPF_PROG_TYPE_\(name)"
        self.number = number
        self.capabilities = capabilities
        self.forms = forms
    }

    /// A way to load a type.
    public struct Form: Sendable, Hashable {
        /// The attach type to load for; `nil` where 0 will do.
        public let attachType: AttachType?
        /// Flags of the load.
        public let flags: UInt32
        /// What the program belongs to in the kernel's type information.
        public let target: Target?
        /// Whether the answer depends on the attach type, so that it has to be named with the type.
        public let isOneOfSeveral: Bool

        init(_ attachType: AttachType? = nil, flags: UInt32 = 0, target: Target? = nil, isOneOfSeveral: Bool = false) {
            self.attachType = attachType
            self.flags = flags
            self.target = target
            self.isOneOfSeveral = isOneOfSeveral
        }
    }

    /// What a program belongs to in the BTF of vmlinux.
    public enum Target: Sendable, Hashable {
        /// A function of the kernel.
        case function(String)
        /// The type that the kernel declares for a tracepoint.
        case tracepoint(String)
        /// A function pointer in a struct of operations; the attach type is the member's index, which moves between kernels.
        case member(String, of: String)
        /// Another program. None is given: the verifier refuses that in its log, which shows that it knows the type.
        case program
    }
}

/// An attach type of linux/bpf.h.
public struct AttachType: Sendable, Hashable {
    /// Its name, such as `BPF_TRACE_ITER`.
    public let name: String
    /// Its number in `enum bpf_attach_type`.
    public let number: UInt32

    /// Names an attach type.
    public init(_ name: String, _ number: UInt32) {
        self.name = name
        self.number = number
    }
}

extension ProgramKind {
    /// A number that is no program type on any kernel.
    static let unknownNumber: UInt32 = 0x7fff

    private static func tracing(_ name: String, _ number: UInt32, _ target: Target) -> Form {
        Form(AttachType(name, number), target: target, isOneOfSeveral: true)
    }

    /// Every load, in the order of ``all``.
    static let allForms: [(ProgramKind, Form)] = all.flatMap { kind in kind.forms.map { (kind, $0) } }

    /// Every program type up to Linux 7.2, in the order of `enum bpf_prog_type`.
    public static let all: [ProgramKind] = {
        let net: [Capability] = [.bpf, .netAdmin]
        let trace: [Capability] = [.bpf, .perfmon]
        func one(_ name: String, _ number: UInt32) -> [Form] { [Form(AttachType(name, number))] }
        return [
            ProgramKind("SOCKET_FILTER", 1), ProgramKind("KPROBE", 2, trace), ProgramKind("SCHED_CLS", 3, net),
            ProgramKind("SCHED_ACT", 4, net), ProgramKind("TRACEPOINT", 5, trace), ProgramKind("XDP", 6, net),
            ProgramKind("PERF_EVENT", 7, trace), ProgramKind("CGROUP_SKB", 8), ProgramKind("CGROUP_SOCK", 9, net),
            ProgramKind("LWT_IN", 10, net), ProgramKind("LWT_OUT", 11, net), ProgramKind("LWT_XMIT", 12, net),
            ProgramKind("SOCK_OPS", 13, net), ProgramKind("SK_SKB", 14, net), ProgramKind("CGROUP_DEVICE", 15, net),
            ProgramKind("SK_MSG", 16, net), ProgramKind("RAW_TRACEPOINT", 17, trace),
            ProgramKind("CGROUP_SOCK_ADDR", 18, net, one("BPF_CGROUP_INET4_CONNECT", 10)),
            ProgramKind("LWT_SEG6LOCAL", 19, net),
            ProgramKind("LIRC_MODE2", 20, net, one("BPF_LIRC_MODE2", 16)),
            ProgramKind("SK_REUSEPORT", 21), ProgramKind("FLOW_DISSECTOR", 22, net),
            ProgramKind("CGROUP_SYSCTL", 23, net), ProgramKind("RAW_TRACEPOINT_WRITABLE", 24, trace),
            ProgramKind("CGROUP_SOCKOPT", 25, net, one("BPF_CGROUP_GETSOCKOPT", 21)),
            ProgramKind(
                "TRACING",
                26,
                trace,
                [
                    tracing("BPF_TRACE_RAW_TP", 23, .tracepoint("sched_switch")),
                    tracing("BPF_TRACE_FENTRY", 24, .function("bpf_fentry_test1")),
                    tracing("BPF_TRACE_FEXIT", 25, .function("bpf_fentry_test1")),
                    tracing("BPF_MODIFY_RETURN", 26, .function("bpf_modify_return_test")),
                    tracing("BPF_TRACE_ITER", 28, .function("bpf_iter_task")),
                ]
            ),
            ProgramKind("STRUCT_OPS", 27, trace, [Form(target: .member("ssthresh", of: "tcp_congestion_ops"))]),
            ProgramKind("EXT", 28, net + [.perfmon], [Form(target: .program)]),
            ProgramKind(
                "LSM",
                29,
                trace,
                [
                    tracing("BPF_LSM_MAC", 27, .function("bpf_lsm_file_mprotect")),
                    // A hook that is there without CONFIG_SECURITY_NETWORK.
                    tracing("BPF_LSM_CGROUP", 43, .function("bpf_lsm_file_mprotect")),
                ]
            ),
            ProgramKind("SK_LOOKUP", 30, [.bpf], one("BPF_SK_LOOKUP", 36)),
            ProgramKind("SYSCALL", 31, [.bpf], [Form(flags: 1 << 4)]),  // BPF_F_SLEEPABLE
            ProgramKind("NETFILTER", 32, net, one("BPF_NETFILTER", 45)),
        ]
    }()
}
