import CLibbpf
import CLinux
public import LinuxHost
public import SystemPackage

/// A program load as the kernel sees it, without libbpf's retries, feature tests and section names.
///
/// For asking the kernel what it accepts. Every field that is 0 is left to the kernel's default, so that a kernel older than
/// the field does not refuse it (`E2BIG` is only answered to a field that it does not know and that is not 0).
public struct RawProgram: Sendable, Hashable {
    /// A number of `enum bpf_prog_type`, which need not be one that this program was compiled with.
    public var type: UInt32
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
        type: UInt32,
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
        let code = instructions.map(\.raw)
        let number = code.withUnsafeBufferPointer { code in
            var request = lx_bpf_program()
            request.type = type
            request.attach_type = attachType
            request.flags = flags
            request.attach_btf_id = attachTarget
            request.kernel_version = kernelVersion
            request.instructions = code.baseAddress
            request.instruction_count = UInt32(code.count)
            request.log = log.buffer.baseAddress
            request.log_size = UInt32(log.buffer.count)
            return lx_bpf_load(&request)
        }
        return RawAnswer(number)
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

    /// Makes a buffer; programs of a few instructions leave well below 4 KiB.
    public init(capacity: Int = 16384) {
        buffer = .allocate(capacity: max(capacity, 1024))
        buffer.initialize(repeating: 0)
    }

    deinit { buffer.deallocate() }

    /// What the verifier said about the last load; empty where it was never reached.
    public var bytes: [UInt8] {
        buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    }

    /// Whether the verifier said nothing at all.
    public var isEmpty: Bool { buffer.first == 0 }
}
