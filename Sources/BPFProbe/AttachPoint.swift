import LinuxHost
import RunModel

/// A place where programs can be attached, asked by attaching one that lets everything pass.
public struct AttachPoint: Sendable, Hashable {
    /// Its name, such as `cgroup_device`.
    public let name: String
    /// The program type's number.
    public let programType: UInt32
    /// The attach type that the program is loaded for; 0 where none is needed.
    let loadedFor: UInt32
    /// How it is attached, and to what.
    let way: Way
    /// What the program returns: what lets everything go on as if there were no program.
    let returns: Int32
    /// The link that attaching it makes, where it makes one.
    public let linkType: LinkType?

    /// How a program is attached.
    enum Way: Sendable, Hashable {
        /// `BPF_RAW_TRACEPOINT_OPEN`, by a name or as the program was loaded.
        case rawTracepoint(String?)
        /// `BPF_LINK_CREATE` with an attach type, and what is tried where there are no such links.
        case link(UInt32, to: Target, otherwise: OlderWay? = nil)
        /// Another way only.
        case older(OlderWay)
    }

    /// What a link is made to.
    enum Target: Sendable, Hashable {
        /// Nothing but what the program was loaded for.
        case none
        /// `lo` of a private network namespace.
        case loopback
        /// A netkit device of a private network namespace; `lo` where the kernel makes none.
        case netkit
        /// A private network namespace.
        case network
        /// A netfilter hook of a private network namespace.
        case netfilter
        /// An empty cgroup.
        case cgroup
        /// A socket map.
        case sockets
        /// A perf event of the calling thread.
        case event(Event)
        /// A function of the kernel that nobody calls.
        case function
        /// A function of this process that nobody calls.
        case code
    }

    /// A perf event.
    enum Event: Sendable, Hashable {
        case kernelFunction, code, tracepoint, clock
    }

    /// How programs are attached without links.
    enum OlderWay: Sendable, Hashable {
        /// `BPF_PROG_ATTACH` to the target of the link.
        case attachment
        /// `PERF_EVENT_IOC_SET_BPF` on the event of the link.
        case event
        /// `IFLA_XDP` of rtnetlink.
        case interface
        /// A filter of a `clsact`.
        case filter
        /// An action that filters could name.
        case action
        /// A route.
        case route(RouteSocket.RouteHook)
        /// A route of segment routing.
        case segmentRoute
        /// `SO_ATTACH_BPF` on a socket of its own.
        case socket
        /// `SO_ATTACH_REUSEPORT_EBPF` on a socket of its own.
        case reusePort
        /// An entry of a device map for `lo`.
        case deviceEntry
        /// An entry of a processor map.
        case processorEntry
    }

    /// Attach points that are asked for by one thread, one after another.
    ///
    /// Detaching waits for the kernel: for a grace period of tasks from a perf event of code or a tracepoint, for one of RCU from
    /// a device. The lanes wait beside each other.
    enum Lane: CaseIterable, Sendable {
        case code, tracepoint, network, others
    }

    /// The lane that it belongs to.
    var lane: Lane {
        switch way {
        case .link(_, to: .event(.code), _): .code
        case .link(_, to: .event(.tracepoint), _), .link(_, to: .event(.kernelFunction), _): .tracepoint
        case .link(_, to: .cgroup, _), .link(_, to: .sockets, _), .older(.socket), .older(.reusePort): .others
        case .link(_, to: .none, _), .link(_, to: .event, _), .link(_, to: .function, _), .link(_, to: .code, _):
            .others
        case .rawTracepoint: .others
        case .link, .older: .network
        }
    }

    /// Whether attaching takes `CAP_NET_ADMIN`, which the program's load may do without.
    var isOfNetwork: Bool {
        switch way {
        case .link(_, to: .cgroup, _), .link(_, to: .network, _), .link(_, to: .loopback, _): true
        default: false
        }
    }

    init(
        _ name: String,
        _ type: UInt32,
        _ loadedFor: UInt32,
        _ way: Way,
        returns: Int32 = 0,
        makes linkType: LinkType? = nil
    ) {
        self.name = name
        programType = type
        self.loadedFor = loadedFor
        self.way = way
        self.returns = returns
        self.linkType = linkType
    }
}

/// A type of `enum bpf_link_type` in linux/bpf.h.
public enum LinkType: UInt32, Sendable, Hashable, CaseIterable {
    /// Raw tracepoints, also those of BTF (Linux 5.8).
    case rawTracepoint = 1
    /// Functions of the kernel, and LSM hooks (Linux 5.8).
    case tracing = 2
    /// Hooks of cgroups (Linux 5.7).
    case cgroup = 3
    /// Iterators (Linux 5.8).
    case iterator = 4
    /// Hooks of network namespaces (Linux 5.8).
    case network = 5
    /// XDP (Linux 5.9).
    case xdp = 6
    /// Perf events (Linux 5.15).
    case perfEvent = 7
    /// Many functions of the kernel (Linux 5.18).
    case kernelFunctions = 8
    /// Structs of operations (Linux 6.4).
    case operations = 9
    /// Netfilter hooks (Linux 6.4).
    case netfilter = 10
    /// Traffic control of a device (Linux 6.6).
    case trafficControl = 11
    /// Many functions of programs (Linux 6.6).
    case programFunctions = 12
    /// netkit devices (Linux 6.7).
    case netkit = 13
    /// Socket maps (Linux 6.10).
    case socketMap = 14

    /// The type's name, such as `BPF_LINK_TYPE_XDP`.
    public var name: String {
        let suffix =
            switch self {
            case .rawTracepoint: "RAW_TRACEPOINT"
            case .tracing: "TRACING"
            case .cgroup: "CGROUP"
            case .iterator: "ITER"
            case .network: "NETNS"
            case .xdp: "XDP"
            case .perfEvent: "PERF_EVENT"
            case .kernelFunctions: "KPROBE_MULTI"
            case .operations: "STRUCT_OPS"
            case .netfilter: "NETFILTER"
            case .trafficControl: "TCX"
            case .programFunctions: "UPROBE_MULTI"
            case .netkit: "NETKIT"
            case .socketMap: "SOCKMAP"
            }
        return "BPF_LINK_TYPE_\(suffix)"
    }

    /// What is known of a link type from what became of each try to make such a link.
    ///
    /// One link is enough. The type counts as absent where every try says so.
    static func answer(from tries: [ProbeAnswer]) -> ProbeAnswer {
        if tries.contains(.supported) { return .supported }
        let open = tries.filter { $0 != .absent }
        return open.first { $0.word == .denied } ?? open.first
            ?? (tries.isEmpty ? .inconclusive("nothing was attached that makes such a link") : .absent)
    }
}
