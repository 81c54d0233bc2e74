import CLinux
import Glibc
import LibBPF
import LinuxHost
import SystemPackage

/// The calling thread, as BPF programs see it.
enum CurrentThread {
    /// The inode of the first pid namespace (`PROC_PID_INIT_INO` in the kernel's proc_ns.h).
    private static let firstNamespace: UInt64 = 0xefff_fffc

    /// What `bpf_get_current_pid_tgid` says of the calling thread: numbers of the first pid namespace.
    ///
    /// `nil` in a container where the kernel cannot be asked (before Linux 5.10).
    static func kernelIdentity() -> UInt64? {
        let call = Instruction.call(.currentThread)
        let shift = Instruction.shiftRight(.r0, 32)
        if let thread = result(of: [call, .exit]), let process = result(of: [call, shift, .exit]) {
            return UInt64(process) << 32 | UInt64(thread)
        }
        var status = stat()
        guard stat("/proc/self/ns/pid", &status) == 0, UInt64(status.st_ino) == firstNamespace else { return nil }
        return UInt64(UInt32(getpid())) << 32 | UInt64(UInt32(lx_gettid()))
    }

    private static func result(of code: [Instruction]) -> UInt32? {
        guard let program = RawProgram(type: .rawTracepoint).load(code, log: VerifierLog()).descriptor() else {
            return nil
        }
        return RawProgram.testRun(program.number)
    }
}

/// One anonymous page of this process, for mprotect(2).
struct OwnPage: ~Copyable {
    private let start: UnsafeMutableRawPointer
    private static var size: Int { Int(getpagesize()) }

    /// Maps it readable and writable; `nil` without memory.
    init?() {
        let page = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let page, page != MAP_FAILED else { return nil }
        start = page
    }

    deinit { munmap(start, Self.size) }

    /// Makes it readable only; the refusal, or `nil`.
    func protect() -> Errno? {
        mprotect(start, Self.size, PROT_READ) == 0 ? nil : Errno(rawValue: errno)
    }
}
