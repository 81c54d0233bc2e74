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

/// An XDP program of two instructions that passes every frame.
///
/// It is freed when this value and its links have ended.
///
/// A veth takes frames that its peer sends by `XDP_TX` or a redirect only while it has a program of its own in native
/// mode: this one.
public struct PassProgram: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// Loads the program.
    ///
    /// - Throws: `SystemCallError` with `EPERM` without `CAP_BPF` and `CAP_NET_ADMIN`.
    public init() throws(SystemCallError) {
        // r0 = XDP_PASS; exit
        let instructions = [
            bpf_insn(code: 0xb7, dst_reg: 0, src_reg: 0, off: 0, imm: 2),
            bpf_insn(code: 0x95, dst_reg: 0, src_reg: 0, off: 0, imm: 0),
        ]
        var options = bpf_prog_load_opts()
        options.sz = MemoryLayout<bpf_prog_load_opts>.size
        options.expected_attach_type = BPF_XDP
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
    /// Runs a program of XDP or of traffic control once on a frame, without any interface (`BPF_PROG_TEST_RUN`, Linux 4.12).
    ///
    /// The frame counts as one that came in on `lo` of the calling thread's network namespace.
    ///
    /// - Returns: What the program returned, a number of `enum xdp_action` or of `TC_ACT_` in linux/pkt_cls.h.
    /// - Throws: `SystemCallError` with `EINVAL` for a frame shorter than an Ethernet header.
    public func run(onFrame frame: [UInt8]) throws(SystemCallError) -> UInt32 {
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
}
