import CLibbpf
import Glibc
public import LinuxHost
import SystemPackage

/// Records every entry into a function of the kernel, or every return from it, until this value ends.
///
/// A small program of its own on a kprobe of its own beside any program under test. The kernel calls all kprobes of a place or
/// none: while one is being served on a processor, whatever an interrupt does there is missed by all (`nmissed`). So what
/// this recorder has not seen, a program under test on the same function may have missed too.
///
/// Needs `CONFIG_KPROBE_EVENTS`, Linux 5.8, and x86-64 or arm64.
public struct FunctionRecorder: ~Copyable {
    /// What of a function is recorded.
    public enum Moment: Sendable, Hashable {
        /// Its entries: the first word is the argument of this number, from 1 to 3, the second is 0.
        case entry(argument: Int)
        /// Its returns: the first word is what it returns, the second is what `BPF_KRETPROBE_READ_RET_IP` of libbpf's
        /// bpf_tracing.h reads: the word behind where the frame pointer leads.
        ///
        /// With frame pointers that is an address of the caller's caller. On other kernels (`CONFIG_UNWINDER_ORC`) the register
        /// holds anything, and the word is 0 where it leads nowhere.
        case `return`
    }

    private let name: String
    private let ring: FiringRing
    private let program: OwnedDescriptor
    private let event: PerfEvent

    /// Starts recording.
    ///
    /// - Parameters:
    ///   - moment: What is recorded.
    ///   - function: The function's full name, as `KernelFunctions` gives it.
    ///   - capacity: The buffer's bytes, a power of two and a multiple of the page's size; a firing takes 32.
    /// - Throws: `SystemCallError` with `ENODEV` without `CONFIG_KPROBE_EVENTS`, `ENOENT` for a function that is not there, `EPERM`
    ///   without the privileges.
    public init(_ moment: Moment, of function: String, capacity: Int = 1 << 21) throws(SystemCallError) {
        let subject = "a recorder of \(function)()"
        guard let source = EventSource(named: "kprobe"), let bit = source.bit("retprobe") else {
            throw SystemCallError("find the event source 'kprobe'", on: subject, errno: Errno(rawValue: ENODEV))
        }
        let ring = try FiringRing(capacity: capacity, for: subject)
        let kind: PerfEvent.Kind
        let program: OwnedDescriptor
        switch moment {
        case .entry(let argument):
            kind = .kernelFunction(function, source: source.type)
            let none: [Instruction] = [.move(.r1, 0)]
            program = try ring.load(
                BPF_PROG_TYPE_KPROBE,
                first: Self.read(Registers.arguments[max(0, min(2, argument - 1))]),
                second: none,
                for: subject
            )
        case .return:
            kind = .kernelFunctionReturn(function, source: source.type, bit: bit)
            program = try ring.load(
                BPF_PROG_TYPE_KPROBE,
                first: Self.read(Registers.returned),
                second: Self.callersWord,
                for: subject
            )
        }
        let event = try PerfEvent(kind, of: .processor(try Processors.online().first ?? 0))
        try event.run(program.number)
        name = function
        self.ring = ring
        self.program = program
        self.event = event
    }

    /// Takes what there is so far, and goes on recording.
    public func take() throws(SystemCallError) -> TracepointRecorder.Recording {
        try ring.take(for: "a recorder of \(name)()")
    }

    // r6 holds the registers.

    /// `r1 = registers[offset]`.
    private static func read(_ offset: Int16) -> [Instruction] {
        [.load(.r1, from: .r6, offset)]
    }

    private static let callersWord: [Instruction] = [
        .store(0, at: .r10, -8),  // *(r10 - 8) = 0
        .move(.r1, .r10),
        .add(.r1, -8),  // r1 = r10 - 8
        .move(.r2, 8),
        .load(.r3, from: .r6, Registers.frame),
        .add(.r3, 8),  // r3 = the frame pointer + 8
        .call(.probeReadKernel),
        .load(.r1, from: .r10, -8),
    ]

    /// Where registers are in what a kprobe's program is given: `struct pt_regs`, on arm64 `struct user_pt_regs`.
    private enum Registers {
        #if arch(arm64)
            static let arguments: [Int16] = [0, 8, 16]
            static let returned: Int16 = 0
            static let frame: Int16 = 29 * 8
        #else
            static let arguments: [Int16] = [14 * 8, 13 * 8, 12 * 8]
            static let returned: Int16 = 10 * 8
            static let frame: Int16 = 4 * 8
        #endif
    }
}
