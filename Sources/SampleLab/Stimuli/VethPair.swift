public import LinuxHost

/// A pair of virtual Ethernet devices in the sample's namespace, up, with fixed addresses and without IPv6.
///
/// A frame sent on one end comes in at the other. Both ends stay in the one namespace: nothing but the frames that a
/// sample sends is ever on them. Needs `CONFIG_VETH`.
public struct VethPair: Sendable {
    /// The end whose programs are tested, `v0` unless told otherwise.
    public let near: Interface
    /// The end that frames are sent from, `v1` unless told otherwise.
    public let far: Interface
    /// The hardware address of ``near``, 02:00:00:00:00:01.
    public let nearAddress = HardwareAddress(local: 1)
    /// The hardware address of ``far``, 02:00:00:00:00:02.
    public let farAddress = HardwareAddress(local: 2)

    /// Whether its frames may need several buffers, and an XDP program in native mode fragments.
    let hasLongFrames: Bool

    /// Whether its ends have several queues.
    let hasQueues: Bool

    /// Makes the pair in the calling thread's namespace, and waits until both ends hand on what they are given.
    ///
    /// - Parameters:
    ///   - names: The ends' names, where `v0` and `v1` are in use.
    ///   - shape: What the ends have that is not the kernel's choice.
    /// - Throws: `SystemCallError` with `EOPNOTSUPP` where the kernel has no veth, `EEXIST` for a name in use,
    ///   `ETIMEDOUT` where a frame does not come through. It needs `CONFIG_PACKET`.
    public init(
        _ names: (near: String, far: String) = ("v0", "v1"),
        shape: RouteSocket.VethShape = RouteSocket.VethShape()
    ) throws(SystemCallError) {
        // A page holds a frame of this size, with what the kernel needs around it.
        hasLongFrames = shape.mtu ?? 0 > 3000
        hasQueues = shape.queues ?? 1 > 1
        try IPv6.disable()
        var route = try RouteSocket()
        (near, far) = try route.addVethPair(names.near, nearAddress, peer: names.far, farAddress, shape: shape)
        try route.setUp(near)
        try route.setUp(far)
        try Carrier.awaitBoth(try PacketSocket(on: near), try PacketSocket(on: far), names)
    }
}
