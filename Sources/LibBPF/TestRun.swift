import CLibbpf
public import LinuxHost

/// What a program did with what it was run on without any interface (`BPF_PROG_TEST_RUN`).
public struct TestRun: Sendable, Hashable {
    /// What it returned.
    public let returned: UInt32
    /// The packet afterwards.
    public let packet: [UInt8]
    /// The context afterwards; empty where none was given.
    public let context: [UInt8]
}

extension BPFProgram {
    /// Runs the program once on a packet (Linux 4.12), and with a context (`__sk_buff` since 5.0, `xdp_md` since 5.15).
    ///
    /// - Parameters:
    ///   - packet: The packet, at least 14 bytes; at most a page of it comes back.
    ///   - context: The bytes of the context that the program is called with; none for one that the kernel makes up.
    /// - Returns: What came of it.
    /// - Throws: `SystemCallError` with `EINVAL` for a packet without an Ethernet header or a context that the kernel does not
    ///   take, `ENOTSUPP` for a program of a type that is not run so.
    public func testRun(on packet: [UInt8], context: [UInt8] = []) throws(SystemCallError) -> TestRun {
        var after = [UInt8](repeating: 0, count: packet.count + 4096)
        var contextAfter = [UInt8](repeating: 0, count: context.count)
        var options = bpf_test_run_opts()
        options.sz = MemoryLayout<bpf_test_run_opts>.size
        options.`repeat` = 1
        options.data_size_in = UInt32(packet.count)
        options.data_size_out = UInt32(after.count)
        options.ctx_size_in = UInt32(context.count)
        options.ctx_size_out = UInt32(context.count)
        let result = packet.withUnsafeBytes { packet in
            context.withUnsafeBytes { given in
                after.withUnsafeMutableBytes { after in
                    contextAfter.withUnsafeMutableBytes { contextAfter in
                        options.data_in = packet.baseAddress
                        options.data_out = after.baseAddress
                        options.ctx_in = given.isEmpty ? nil : given.baseAddress
                        options.ctx_out = given.isEmpty ? nil : contextAfter.baseAddress
                        return bpf_prog_test_run_opts(descriptor, &options)
                    }
                }
            }
        }
        try check(result, "bpf(BPF_PROG_TEST_RUN)", on: subject)
        return TestRun(
            returned: options.retval,
            packet: Array(after.prefix(Int(options.data_size_out))),
            context: Array(contextAfter.prefix(Int(options.ctx_size_out)))
        )
    }
}

extension BPFProgram {
    /// Runs a program of raw tracepoints once on arguments, in the calling thread (Linux 5.10).
    ///
    /// - Parameter arguments: What its context holds, at least as many words as the program reads and at most 12.
    /// - Throws: `SystemCallError` with `EINVAL` for too few or too many arguments, `ENOTSUPP` for a program of a type that is not
    ///   run so.
    public func testRun(arguments: [UInt64]) throws(SystemCallError) {
        try RawProgram.testRun(descriptor, arguments: arguments, of: subject)
    }
}

/// An XDP program that frames can be handed to.
public protocol FrameReceiver {
    /// The program's descriptor.
    var descriptor: CInt { get }
    /// What messages call it.
    var subject: String { get }
}

extension BPFProgram: FrameReceiver {}
extension InstructionProgram: FrameReceiver {}

extension FrameReceiver {
    /// Runs an XDP program on copies of a frame as if an interface had received them all at once, and lets the kernel do what it
    /// says (`BPF_F_TEST_XDP_LIVE_FRAMES`, Linux 5.18).
    ///
    /// All run on the calling thread's processor.
    ///
    /// - Parameters:
    ///   - frame: The frame, at least 14 bytes.
    ///   - interface: An interface of the calling thread's network namespace with an XDP program in native mode.
    ///   - count: How many, at most 64: beyond that the kernel takes frames that the program has changed already.
    /// - Throws: `SystemCallError` with `EINVAL` on a kernel before 5.18.
    public func receive(_ frame: [UInt8], from interface: Interface, count: Int) throws(SystemCallError) {
        var context = xdp_md()
        context.data_end = UInt32(frame.count)
        context.ingress_ifindex = UInt32(interface.index)
        var options = bpf_test_run_opts()
        options.sz = MemoryLayout<bpf_test_run_opts>.size
        options.data_size_in = UInt32(frame.count)
        options.ctx_size_in = UInt32(MemoryLayout<xdp_md>.size)
        options.`repeat` = CInt(count)
        // BPF_F_TEST_XDP_LIVE_FRAMES of linux/bpf.h.
        options.flags = 1 << 1
        let result = withUnsafeBytes(of: context) { context in
            frame.withUnsafeBytes { bytes in
                options.ctx_in = context.baseAddress
                options.data_in = bytes.baseAddress
                return bpf_prog_test_run_opts(descriptor, &options)
            }
        }
        try check(result, "bpf(BPF_PROG_TEST_RUN)", on: "\(subject) and frames of \(interface.name)")
    }
}
