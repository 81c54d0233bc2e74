import CLibbpf
import Glibc
public import LinuxHost
import SystemPackage

/// A program of an object.
///
/// It is valid as long as the object.
public struct BPFProgram {
    let raw: OpaquePointer
    private let object: String

    init(raw: OpaquePointer, object: String) {
        self.raw = raw
        self.object = object
    }

    /// The function's name in the object's source.
    public var name: String { String(cString: bpf_program__name(raw)) }

    /// The name of the section that the function stands in, which says where it is to be attached.
    public var section: String { String(cString: bpf_program__section_name(raw)) }

    /// The program's descriptor once it is loaded, owned by the object; negative before.
    public var descriptor: CInt { bpf_program__fd(raw) }

    /// The program's name, section and object, as messages have them.
    public var subject: String { "'\(name)' (SEC \"\(section)\") in \(object)" }

    var hasNoType: Bool { bpf_program__type(raw) == BPF_PROG_TYPE_UNSPEC }

    func set(_ entry: SectionTypes.Entry) {
        bpf_program__set_type(raw, entry.type)
        if let attachType = entry.attachType { bpf_program__set_expected_attach_type(raw, attachType) }
    }

    /// The tracepoint that a section name such as `tracepoint/power/cpu_idle` or `tp/…` stands for; `nil` for another name.
    public var tracepoint: (category: String, name: String)? {
        let parts = section.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "tracepoint" || parts[0] == "tp", !parts[1].isEmpty, !parts[2].isEmpty
        else {
            return nil
        }
        return (String(parts[1]), String(parts[2]))
    }

    /// The instructions of the program as they stand in the object, before any relocation.
    public var instructions: [Instruction] {
        let count = bpf_program__insn_cnt(raw)
        guard let first = bpf_program__insns(raw) else { return [] }
        return UnsafeBufferPointer(start: first, count: Int(count)).map { Instruction($0) }
    }

    // MARK: Attaching

    func attached(_ link: OpaquePointer?, _ call: String) throws(AttachError) -> OpaquePointer {
        do { return try require(link, call, on: subject) } catch { throw AttachError(error) }
    }

    /// Attaches to a perf event, which the link then owns.
    ///
    /// - Throws: ``AttachError`` with `EINVAL` for an event that takes no programs.
    public func attach(to event: consuming PerfEvent) throws(AttachError) -> BPFLink {
        let made = bpf_program__attach_perf_event(raw, event.descriptor.number)
        let link = try attached(made, "bpf_program__attach_perf_event")
        // libbpf closes the event together with the link.
        event.surrender()
        return BPFLink(libbpf: link)
    }

    /// Attaches to a cgroup by a link (`BPF_LINK_CREATE`, Linux 5.7).
    public func attach(to cgroup: ControlGroup) throws(AttachError) -> BPFLink {
        let directory: OwnedDescriptor
        do { directory = try cgroup.open() } catch { throw AttachError(error) }
        let link = bpf_program__attach_cgroup(raw, directory.number)
        return BPFLink(libbpf: try attached(link, "bpf_program__attach_cgroup"))
    }

    /// Whether the kernel lists the program among those attached to a cgroup itself (`BPF_PROG_QUERY`, Linux 4.15).
    ///
    /// - Throws: `SystemCallError` with `EPERM` without `CAP_NET_ADMIN`.
    public func isAttached(to cgroup: ControlGroup) throws(SystemCallError) -> Bool {
        let directory = try cgroup.open()
        guard let id = KernelObject.id(of: descriptor, .program) else { return false }
        var ids = [UInt32](repeating: 0, count: 64)
        var count = UInt32(ids.count)
        let result = bpf_prog_query(directory.number, cgroupAttachType, 0, nil, &ids, &count)
        try check(result, "bpf(BPF_PROG_QUERY)", on: "cgroup '\(cgroup.path)'")
        return ids.prefix(Int(count)).contains(id)
    }

    /// The attach type, which a sockops program leaves unsaid.
    private var cgroupAttachType: bpf_attach_type {
        bpf_program__type(raw) == BPF_PROG_TYPE_SOCK_OPS ? BPF_CGROUP_SOCK_OPS : bpf_program__expected_attach_type(raw)
    }

    /// Attaches to what the program was loaded for: the kernel's tracepoint or function that its section names (`tp_btf/`, `fentry/`,
    /// `fexit/`; Linux 5.5).
    ///
    /// - Throws: ``AttachError`` with `EBUSY` for a program that modifies a return value and is attached already.
    public func attachTracing() throws(AttachError) -> BPFLink {
        BPFLink(libbpf: try attached(bpf_program__attach_trace(raw), "bpf_program__attach_trace"))
    }

    /// How an XDP program is run.
    public enum XDPMode: String, Sendable, CaseIterable, Codable, Hashable {
        /// In the network stack, after the socket buffer was made (`XDP_FLAGS_SKB_MODE`).
        case generic
        /// In the driver (`XDP_FLAGS_DRV_MODE`).
        case native

        var flags: UInt32 {
            // XDP_FLAGS_SKB_MODE and XDP_FLAGS_DRV_MODE of linux/if_link.h.
            switch self {
            case .generic: 1 << 1
            case .native: 1 << 2
            }
        }
    }

    /// Attaches to an interface by a link (`BPF_LINK_CREATE` with `BPF_XDP`, Linux 5.9).
    ///
    /// Unlike an attachment by netlink, a link dies with its process.
    ///
    /// - Throws: ``AttachError`` with `EBUSY` if another program is attached, `EOPNOTSUPP` where the driver knows no XDP.
    public func attachXDP(to interface: Interface, _ mode: XDPMode) throws(AttachError) -> BPFLink {
        try XDPAttachment.link(descriptor, to: interface, mode, subject)
    }

    /// Puts the program before a socket as its filter (`SO_ATTACH_BPF`).
    ///
    /// It stays until the socket is closed.
    public func attachFilter(to socket: borrowing OwnedDescriptor) throws(AttachError) {
        try SocketFilterAttachment.attach(descriptor, to: socket, subject)
    }
}
