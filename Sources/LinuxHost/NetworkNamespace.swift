import CLinux
import Glibc

/// A network namespace without a name: one descriptor holds it.
///
/// When the descriptor closes, by this value's end or by the process's, the kernel takes the namespace down with every
/// interface, filter and XDP program in it. Nothing has to be swept up after a crash.
///
/// Which namespace a thread is in is a property of the thread, so everything here works on the calling thread and
/// must not be used from Swift's thread pool. Needs `CONFIG_NET_NS`; see network_namespaces(7).
public struct NetworkNamespace: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// The namespace that the calling thread is in.
    ///
    /// - Throws: ``SystemCallError`` where `/proc` is not mounted.
    public static func current() throws(SystemCallError) -> NetworkNamespace {
        NetworkNamespace(descriptor: try OwnedDescriptor.open("/proc/thread-self/ns/net", O_RDONLY))
    }

    private init(descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }

    /// Creates an empty namespace.
    ///
    /// Its only interface is `lo`, and `lo` is down. The thread stays where it is.
    ///
    /// - Throws: ``SystemCallError`` with `EPERM` if the process lacks `CAP_SYS_ADMIN`, or with `EINVAL` if the
    ///   kernel was built without `CONFIG_NET_NS`.
    public init() throws(SystemCallError) {
        let home = try NetworkNamespace.current()
        try SystemCallError.checkNegated(lx_unshare(CInt(LX_NEWNET)), "unshare(CLONE_NEWNET)", on: "this thread")
        let made = try OwnedDescriptor.open("/proc/thread-self/ns/net", O_RDONLY)
        try home.enter()
        descriptor = made
    }

    /// The descriptor's number, for netlink's `IFLA_NET_NS_FD`.
    public var number: CInt { descriptor.number }

    /// Moves the calling thread into the namespace.
    ///
    /// - Throws: ``SystemCallError`` with `EPERM` if the process lacks `CAP_SYS_ADMIN`.
    public func enter() throws(SystemCallError) {
        try SystemCallError.checkNegated(
            lx_setns(descriptor.number, CInt(LX_NEWNET)),
            "setns(CLONE_NEWNET)",
            on: "descriptor \(descriptor.number)"
        )
    }

    /// Runs a closure with the calling thread inside the namespace, and moves the thread back.
    ///
    /// Sockets that the closure opens stay in the namespace. A thread that cannot be moved back ends the process: every
    /// later call would act in the wrong namespace.
    public func perform<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws -> Result {
        let home = try NetworkNamespace.current()
        try enter()
        defer {
            do { try home.enter() } catch { preconditionFailure("\(error)") }
        }
        return try body()
    }

    /// The inode number that names the namespace in `/proc/PID/ns/net`.
    public func inode() throws(SystemCallError) -> UInt64 {
        var status = stat()
        try SystemCallError.check(fstat(descriptor.number, &status), "fstat(2)", on: "a network namespace")
        return UInt64(status.st_ino)
    }
}
