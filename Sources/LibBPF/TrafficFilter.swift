public import LinuxHost

extension BPFProgram {
    /// Runs the program as the only filter at a side of an interface with a `clsact` (`cls_bpf`, direct action).
    ///
    /// Unlike a link the filter belongs to the interface: it stays until `RouteSocket.removeFilter(from:at:priority:)`, or until the
    /// interface's network namespace ends.
    ///
    /// - Parameters:
    ///   - interface: An interface that `RouteSocket.addFilterQueue(to:)` was called for.
    ///   - side: What the program sees: what comes in, or what goes out.
    ///   - routes: A conversation in the interface's network namespace.
    /// - Throws: ``AttachError`` with `EINVAL` for a program of another type, `ENOENT` or `EOPNOTSUPP` without
    ///   `CONFIG_NET_CLS_BPF`.
    public func attachFilter(
        to interface: Interface,
        at side: RouteSocket.FilterSide,
        by routes: inout RouteSocket
    ) throws(AttachError) {
        do { try routes.addFilter(descriptor, to: interface, at: side) } catch {
            throw AttachError(SystemCallError(error.call, on: "\(subject) and \(error.subject)", errno: error.errno))
        }
    }
}
