import Glibc
public import LinuxHost
import SystemPackage

/// Two pages of memory, for what a system call is handed across their boundary.
public struct TwoPages: ~Copyable {
    /// Where the first page begins.
    public let start: UnsafeMutableRawPointer
    /// Bytes of a page.
    public let pageSize: Int

    /// What this process may do with a page.
    public enum Access: Sendable, Hashable {
        /// Nothing.
        case none
        /// Read it.
        case read
        /// Read and write it.
        case write
    }

    /// A place where no process can have memory (`vm.mmap_min_addr`).
    public static var nowhere: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 8) }

    /// Maps two pages that can be written, full of zeros.
    ///
    /// - Throws: `SystemCallError` with `ENOMEM`.
    public init() throws(SystemCallError) {
        let size = Int(sysconf(CInt(_SC_PAGESIZE)))
        let made = mmap(nil, size * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let made, made != MAP_FAILED else {
            throw SystemCallError("mmap(2)", on: "\(size * 2) bytes", errno: Errno(rawValue: errno))
        }
        start = made
        pageSize = size
    }

    deinit { munmap(start, pageSize * 2) }

    /// Where the second page begins.
    public var middle: UnsafeMutableRawPointer { start + pageSize }

    /// Runs a closure while the second page cannot be used.
    public func withoutSecond<Result>(_ body: () -> Result) -> Result {
        mprotect(middle, pageSize, PROT_NONE)
        defer { mprotect(middle, pageSize, PROT_READ | PROT_WRITE) }
        return body()
    }

    /// Runs a closure while the first page can only be used so far.
    public func restricted<Result>(to access: Access, _ body: () -> Result) -> Result {
        let protection =
            switch access {
            case .none: PROT_NONE
            case .read: PROT_READ
            case .write: PROT_READ | PROT_WRITE
            }
        mprotect(start, pageSize, protection)
        defer { mprotect(start, pageSize, PROT_READ | PROT_WRITE) }
        return body()
    }
}
