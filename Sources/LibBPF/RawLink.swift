import CLinux
public import SystemPackage

/// Attachments as the kernel sees them, each held by one descriptor: closing it detaches the program.
public enum RawLink {
    /// Attaches a program (`BPF_LINK_CREATE`, Linux 5.7).
    ///
    /// - Parameters:
    ///   - program: The program's descriptor; -1 asks only whether the kernel has links, which says `EBADF` then.
    ///   - target: What to attach to: a descriptor, or an interface's index.
    ///   - attachType: A number of `enum bpf_attach_type`.
    ///   - rest: What else belongs to the attach type: the members of `link_create` behind `flags`, at most 112 bytes.
    /// - Returns: The link's descriptor, or the kernel's refusal.
    public static func create(
        _ program: CInt,
        to target: UInt32,
        attachType: UInt32,
        rest: [UInt8] = []
    ) -> RawAnswer {
        RawAnswer(lx_bpf_link(program, target, attachType, rest, UInt32(rest.count)))
    }

    /// Attaches a program to a raw tracepoint (`BPF_RAW_TRACEPOINT_OPEN`, Linux 4.17).
    ///
    /// - Parameters:
    ///   - program: The program's descriptor.
    ///   - tracepoint: Its name; `nil` for a program that was loaded for its tracepoint.
    /// - Returns: The attachment's descriptor, or the kernel's refusal.
    public static func open(_ program: CInt, rawTracepoint tracepoint: String?) -> RawAnswer {
        guard let tracepoint else { return RawAnswer(lx_bpf_raw_tracepoint(program, nil)) }
        return RawAnswer(lx_bpf_raw_tracepoint(program, tracepoint))
    }

    /// The number of a link's type in `enum bpf_link_type` (`BPF_OBJ_GET_INFO_BY_FD`, Linux 5.8).
    ///
    /// `nil` for a descriptor that is no link, which `BPF_RAW_TRACEPOINT_OPEN` gives before that, and where the kernel does not
    /// say.
    public static func type(of link: CInt) -> UInt32? {
        let type = lx_bpf_link_type(link)
        return type >= 0 ? UInt32(type) : nil
    }
}

/// Legacy (non-link) attachments.
///
/// They belong to their target: they stay until they are detached or the target is gone.
public enum RawAttachment {
    /// Attaches a program and detaches it again (`BPF_PROG_ATTACH`, `BPF_PROG_DETACH`; Linux 4.10).
    ///
    /// - Parameters:
    ///   - program: The program's descriptor.
    ///   - target: The descriptor of a cgroup or a map; 0 for a flow dissector, which is the calling thread's namespace's.
    ///   - attachType: A number of `enum bpf_attach_type`.
    /// - Returns: The kernel's refusal to attach, or to detach; `nil` where it did both.
    public static func attachAndDetach(_ program: CInt, to target: CInt, attachType: UInt32) -> Errno? {
        let attached = lx_bpf_attach(program, target, attachType)
        guard attached >= 0 else { return Errno(rawValue: -attached) }
        let detached = lx_bpf_detach(program, target, attachType)
        return detached >= 0 ? nil : Errno(rawValue: -detached)
    }
}
