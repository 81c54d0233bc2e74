import CLibbpf
public import LinuxHost

/// The one way in which this module attaches XDP programs.
enum XDPAttachment {
    static func link(
        _ program: CInt,
        to interface: Interface,
        _ mode: BPFProgram.XDPMode,
        _ subject: String
    ) throws(AttachError) -> BPFLink {
        var options = bpf_link_create_opts()
        options.sz = MemoryLayout<bpf_link_create_opts>.size
        options.flags = mode.flags
        let number = bpf_link_create(program, interface.index, BPF_XDP, &options)
        do {
            try check(number, "bpf(BPF_LINK_CREATE, BPF_XDP, \(mode.rawValue))", on: "\(subject) and \(interface.name)")
        } catch { throw AttachError(error) }
        return BPFLink(descriptor: OwnedDescriptor(owning: number))
    }
}

/// An XDP program of two instructions that passes every frame, or does another thing with it.
///
/// It is freed when this value and its links have ended.
///
/// A veth takes frames that its peer sends by `XDP_TX` or a redirect only while it has a program of its own in native
/// mode: this one.
public struct PassProgram: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// Loads the program.
    ///
    /// - Parameters:
    ///   - takesFragments: Whether it says that it can deal with frames in several buffers, without which the kernel does not
    ///     attach it in native mode where frames may be longer than a page (`BPF_F_XDP_HAS_FRAGS`, Linux 5.18).
    ///   - action: What it returns, a number of `enum xdp_action`; `XDP_PASS` by default.
    /// - Throws: `SystemCallError` with `EPERM` without `CAP_BPF` and `CAP_NET_ADMIN`, `EINVAL` where the kernel does not know
    ///   fragments.
    public init(takesFragments: Bool = false, returning action: Int32 = 2) throws(SystemCallError) {
        // r0 = action; exit
        let instructions = [
            bpf_insn(code: 0xb7, dst_reg: 0, src_reg: 0, off: 0, imm: action),
            bpf_insn(code: 0x95, dst_reg: 0, src_reg: 0, off: 0, imm: 0),
        ]
        var options = bpf_prog_load_opts()
        options.sz = MemoryLayout<bpf_prog_load_opts>.size
        options.expected_attach_type = BPF_XDP
        // BPF_F_XDP_HAS_FRAGS of linux/bpf.h.
        options.prog_flags = takesFragments ? 1 << 5 : 0
        let number = bpf_prog_load(BPF_PROG_TYPE_XDP, "assay_pass", "GPL", instructions, instructions.count, &options)
        descriptor = OwnedDescriptor(
            owning: try check(number, "bpf(BPF_PROG_LOAD)", on: "the built-in program 'assay_pass'")
        )
        KernelObject.announce(.program, descriptor: number)
    }

    /// Attaches to an interface; the link keeps the program alive.
    ///
    /// - Parameters:
    ///   - interface: The interface.
    ///   - mode: How the program is run.
    /// - Returns: The attachment.
    /// - Throws: ``AttachError`` with `EBUSY` if another program is attached, `EOPNOTSUPP` where the driver knows no
    ///   XDP.
    public func attachXDP(to interface: Interface, _ mode: BPFProgram.XDPMode) throws(AttachError) -> BPFLink {
        try XDPAttachment.link(descriptor.number, to: interface, mode, "'assay_pass'")
    }
}

extension BPFProgram {
    /// Runs a program of XDP or traffic control once on a frame, without any interface (`BPF_PROG_TEST_RUN`, Linux 4.12).
    ///
    /// The frame counts as one that came in on `lo` of the calling thread's network namespace; nothing is done with it.
    ///
    /// - Returns: What the program returned, a number of `enum xdp_action` or of `TC_ACT_` in linux/pkt_cls.h.
    /// - Throws: `SystemCallError` with `EINVAL` for a frame shorter than an Ethernet header.
    public func run(on frame: [UInt8]) throws(SystemCallError) -> UInt32 {
        var options = bpf_test_run_opts()
        options.sz = MemoryLayout<bpf_test_run_opts>.size
        options.data_size_in = UInt32(frame.count)
        options.`repeat` = 1
        let result = frame.withUnsafeBytes { bytes in
            options.data_in = bytes.baseAddress
            return bpf_prog_test_run_opts(descriptor, &options)
        }
        try check(result, "bpf(BPF_PROG_TEST_RUN)", on: "'\(name)'")
        return options.retval
    }

    /// What a program made of a frame.
    public struct XDPTrial: Sendable, Hashable {
        /// What it returned, a number of `enum xdp_action` if it is right.
        public let action: UInt32
        /// The frame as the program left it.
        public let frame: [UInt8]
    }

    /// Runs an XDP program once on a frame that counts as one of an interface's receive queue (`BPF_PROG_TEST_RUN` with a
    /// context, Linux 5.15).
    ///
    /// Whatever the program returns, nothing is done with the frame.
    ///
    /// - Parameters:
    ///   - frame: The frame, from its Ethernet header on.
    ///   - interface: An interface of the calling thread's network namespace, up or not.
    ///   - queue: The number of one of its receive queues.
    /// - Returns: What the program returned, and the frame as it left it.
    /// - Throws: `SystemCallError` with `EINVAL` for a frame shorter than an Ethernet header, a queue that the interface does not
    ///   have, and on a kernel before 5.15.
    public func runXDP(
        on frame: [UInt8],
        from interface: Interface,
        queue: UInt32
    ) throws(SystemCallError) -> XDPTrial {
        var context = xdp_md()
        context.data_end = UInt32(frame.count)
        context.ingress_ifindex = UInt32(interface.index)
        context.rx_queue_index = queue
        var left = [UInt8](repeating: 0, count: frame.count + 256)
        var options = bpf_test_run_opts()
        options.sz = MemoryLayout<bpf_test_run_opts>.size
        options.data_size_in = UInt32(frame.count)
        options.data_size_out = UInt32(left.count)
        options.ctx_size_in = UInt32(MemoryLayout<xdp_md>.size)
        options.`repeat` = 1
        let result = withUnsafeBytes(of: context) { context in
            frame.withUnsafeBytes { bytes in
                left.withUnsafeMutableBytes { left in
                    options.ctx_in = context.baseAddress
                    options.data_in = bytes.baseAddress
                    options.data_out = left.baseAddress
                    return bpf_prog_test_run_opts(descriptor, &options)
                }
            }
        }
        try check(result, "bpf(BPF_PROG_TEST_RUN)", on: "'\(name)' and queue \(queue) of \(interface.name)")
        return XDPTrial(action: options.retval, frame: Array(left.prefix(Int(options.data_size_out))))
    }
}
