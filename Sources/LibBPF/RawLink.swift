import CLinux

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
}
