public import LinuxHost

/// A pair of virtual Ethernet devices in the sample's namespace, up, with fixed addresses and without IPv6.
///
/// A frame sent on one end comes in at the other. Both ends stay in the one namespace: nothing but the frames that a
/// sample sends is ever on them. Needs `CONFIG_VETH`.
public struct VethPair: Sendable {
    /// The end whose programs are tested, `v0`.
    public let near: Interface
    /// The end that frames are sent from, `v1`.
    public let far: Interface
    /// The hardware address of ``near``, 02:00:00:00:00:01.
    public let nearAddress = HardwareAddress(local: 1)
    /// The hardware address of ``far``, 02:00:00:00:00:02.
    public let farAddress = HardwareAddress(local: 2)

    /// Makes the pair in the calling thread's namespace.
    ///
    /// - Throws: `SystemCallError` with `EOPNOTSUPP` where the kernel has no veth.
    public init() throws(SystemCallError) {
        try IPv6.disable()
        var route = try RouteSocket()
        (near, far) = try route.addVethPair("v0", nearAddress, peer: "v1", farAddress)
        try route.setUp(near)
        try route.setUp(far)
    }
}
