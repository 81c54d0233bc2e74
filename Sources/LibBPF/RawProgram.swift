import CLibbpf
import CLinux
import Glibc
public import LinuxHost
public import SystemPackage

/// A program load as the kernel sees it, without libbpf's retries, feature tests and section names.
///
/// For asking the kernel what it accepts. Every field that is 0 is left to the kernel's default, so that a kernel older than
/// the field does not refuse it (`E2BIG` is only answered to a field that it does not know and that is not 0).
public struct RawProgram: Sendable, Hashable {
    /// The program's type, which need not be one that this program was compiled with.
    public var type: ProgramType
    /// A number of `enum bpf_attach_type`.
    public var attachType: UInt32
    /// Flags such as `BPF_F_SLEEPABLE`.
    public var flags: UInt32
    /// The id of the kernel's type that the program belongs to, in the BTF of vmlinux.
    public var attachTarget: UInt32
    /// `LINUX_VERSION_CODE` of the running kernel, which kprobes before Linux 5.0 ask for.
    public var kernelVersion: UInt32

    /// `BPF_F_SLEEPABLE` of linux/bpf.h: the program may sleep (Linux 5.10).
    public static let sleepable: UInt32 = 1 << 4

    /// Describes a load.
    public init(
        type: ProgramType,
        attachType: UInt32 = 0,
        flags: UInt32 = 0,
        attachTarget: UInt32 = 0,
        kernelVersion: UInt32 = 0
    ) {
        self.type = type
        self.attachType = attachType
        self.flags = flags
        self.attachTarget = attachTarget
        self.kernelVersion = kernelVersion
    }

    /// Loads instructions under the licence GPL.
    ///
    /// Nothing is retried: not for `EPERM` of the locked memory's limit, nor for `EAGAIN`.
    ///
    /// - Parameters:
    ///   - instructions: The program.
    ///   - log: Takes the verifier's log; what was in it is lost.
    /// - Returns: The program's descriptor, or the kernel's refusal.
    public func load(_ instructions: [Instruction], log: borrowing VerifierLog) -> RawAnswer {
        let number = withUnsafeTemporaryAllocation(of: bpf_insn.self, capacity: max(instructions.count, 1)) { code in
            for (index, instruction) in instructions.enumerated() {
                code.initializeElement(at: index, to: instruction.raw)
            }
            var request = lx_bpf_program()
            request.type = type.rawValue
            request.attach_type = attachType
            request.flags = flags
            request.attach_btf_id = attachTarget
            request.kernel_version = kernelVersion
            request.instructions = UnsafePointer(code.baseAddress)
            request.instruction_count = UInt32(instructions.count)
            request.log = log.buffer.baseAddress
            request.log_size = UInt32(log.buffer.count)
            request.log_level = log.level.rawValue
            return lx_bpf_load(&request)
        }
        return RawAnswer(number)
    }

    /// Runs a program once without a context (`BPF_PROG_TEST_RUN`), in the calling thread where it is a raw tracepoint's
    /// (Linux 5.10).
    ///
    /// - Parameter program: The program's descriptor.
    /// - Returns: The low 32 bits of what it returned; `nil` where the kernel refuses.
    public static func testRun(_ program: CInt) -> UInt32? {
        var returned: UInt32 = 0
        return lx_bpf_test_run(program, &returned) >= 0 ? returned : nil
    }

    /// Runs a program of raw tracepoints once on arguments, in the calling thread (Linux 5.10).
    ///
    /// - Parameters:
    ///   - program: The program's descriptor.
    ///   - arguments: What its context holds, at least as many words as the program reads and at most 12.
    ///   - subject: What the program is, for messages.
    /// - Throws: `SystemCallError` with `EINVAL` for too few or too many arguments, `ENOTSUPP` for a program of a type that is not
    ///   run so.
    public static func testRun(
        _ program: CInt,
        arguments: [UInt64],
        of subject: String = "a program of raw tracepoints"
    ) throws(SystemCallError) {
        var options = bpf_test_run_opts()
        options.sz = MemoryLayout<bpf_test_run_opts>.size
        let result = arguments.withUnsafeBytes { bytes in
            options.ctx_in = bytes.baseAddress
            options.ctx_size_in = UInt32(bytes.count)
            return bpf_prog_test_run_opts(program, &options)
        }
        try check(result, "bpf(BPF_PROG_TEST_RUN)", on: subject)
    }

    /// Runs a program of traffic control or XDP, or a socket filter, on a packet of zeros (`BPF_PROG_TEST_RUN`, Linux 4.12).
    ///
    /// - Parameters:
    ///   - program: The program's descriptor.
    ///   - bytes: The packet's size, at least 14.
    ///   - count: How many times one after another, all on the calling thread's processor where that is pinned.
    /// - Returns: The low 32 bits of what it returned the last time; `nil` where the kernel refuses.
    public static func testRun(_ program: CInt, packetOf bytes: Int, times count: Int = 1) -> UInt32? {
        let packet = [UInt8](repeating: 0, count: bytes)
        return packet.withUnsafeBytes { packet in
            var options = bpf_test_run_opts()
            options.sz = MemoryLayout<bpf_test_run_opts>.size
            options.data_in = packet.baseAddress
            options.data_size_in = UInt32(packet.count)
            options.repeat = CInt(count)
            return bpf_prog_test_run_opts(program, &options) >= 0 ? options.retval : nil
        }
    }
}

/// What bpf(2) answered to a request for a descriptor.
public enum RawAnswer: ~Copyable, Sendable {
    /// It made one.
    case made(OwnedDescriptor)
    /// It refused.
    case refused(Errno)

    /// Reads a descriptor or a negated errno.
    init(_ number: CInt) {
        self = number >= 0 ? .made(OwnedDescriptor(owning: number)) : .refused(Errno(rawValue: -number))
    }

    /// The kernel's error; `nil` where it made what it was asked for.
    public var refusal: Errno? {
        switch self {
        case .made: nil
        case .refused(let error): error
        }
    }

    /// What was made; `nil` where the kernel refused.
    public consuming func descriptor() -> OwnedDescriptor? {
        switch consume self {
        case .made(let descriptor): descriptor
        case .refused: nil
        }
    }
}

/// A buffer for what the verifier says, used for one load after another.
public struct VerifierLog: ~Copyable {
    let buffer: UnsafeMutableBufferPointer<CChar>
    /// How much the verifier says.
    public let level: Level

    /// How much the verifier says of a load (`log_level` of bpf(2)).
    public enum Level: UInt32, Sendable {
        /// Each instruction, and what is wrong with the program (`BPF_LOG_LEVEL1`).
        case instructions = 1
        /// What is wrong with the program, and figures about it (`BPF_LOG_STATS`, Linux 5.2), which costs the kernel less.
        ///
        /// A kernel that does not know it refuses the load with `EINVAL` and says nothing.
        case errors = 4
    }

    /// Makes a buffer; programs of a few instructions leave well below 4 KiB.
    public init(capacity: Int = 16384, level: Level = .instructions) {
        self.level = level
        buffer = .allocate(capacity: max(capacity, 1024))
        buffer.initialize(repeating: 0)
    }

    deinit { buffer.deallocate() }

    /// What the verifier said about the last load; empty where it was never reached.
    public var bytes: [UInt8] {
        guard let start = buffer.baseAddress else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: strlen(start)))
    }

    /// Whether the verifier said nothing at all.
    public var isEmpty: Bool { buffer.first == 0 }
}
