import LibBPF
public import LinuxHost

/// A filter of traffic control behind a program's own, which drops every packet that comes to it.
///
/// It tells a program that lets a packet through (`TC_ACT_OK`) from one that leaves the decision to others (`TC_ACT_UNSPEC`): without
/// another filter both look the same.
public struct LastFilter: ~Copyable {
    private let loaded: LoadedInstructions
    private static let priority: UInt16 = 2

    /// Loads its program.
    public init() throws {
        // TC_ACT_SHOT of linux/pkt_cls.h.
        let drop = KernInstructions.Program("drop", .trafficClassifier, [.move(.r0, 2), .exit])
        loaded = try KernInstructions(programs: [drop]).load(name: "the last filter")
    }

    /// Puts it behind what is at a side of an interface, until ``remove(from:at:by:)``.
    ///
    /// - Parameters:
    ///   - interface: An interface that `RouteSocket.addFilterQueue(to:)` was called for.
    ///   - side: Where at the interface.
    ///   - routes: A conversation in the interface's network namespace.
    /// - Throws: `SystemCallError` as `RouteSocket.addFilter` does.
    public func add(
        to interface: Interface,
        at side: RouteSocket.FilterSide,
        by routes: inout RouteSocket
    ) throws {
        let program = try loaded.program("drop")
        try routes.addFilter(program.descriptor, to: interface, at: side, priority: Self.priority)
    }

    /// Takes it away.
    public func remove(
        from interface: Interface,
        at side: RouteSocket.FilterSide,
        by routes: inout RouteSocket
    ) throws(SystemCallError) {
        try routes.removeFilter(from: interface, at: side, priority: Self.priority)
    }
}
