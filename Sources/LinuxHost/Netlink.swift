import CLinux
import Glibc
import SystemPackage

/// A conversation with the kernel's routing family (rtnetlink(7)) in the calling thread's network namespace.
///
/// The socket belongs to the namespace that the thread is in when the value is made.
public struct RouteSocket: ~Copyable {
    private let descriptor: OwnedDescriptor
    private let names: [CInt: String]
    private var sequence: UInt32 = 0

    /// Opens the conversation.
    ///
    /// - Throws: ``SystemCallError`` with `EPROTONOSUPPORT` where the kernel lacks `CONFIG_NET`.
    public init() throws(SystemCallError) { try self.init(speaking: NETLINK_ROUTE, "NETLINK_ROUTE") }

    /// Opens a conversation in any family, whose messages have the same form.
    init(speaking family: CInt, _ name: String, _ names: [CInt: String] = names) throws(SystemCallError) {
        let number = socket(AF_NETLINK, CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue), family)
        try SystemCallError.check(number, "socket(AF_NETLINK)", on: name)
        descriptor = OwnedDescriptor(owning: number)
        self.names = names
        // The kernel answers within the call; a second only bounds the wait for an answer that never comes.
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Sets an interface up (`IFF_UP`).
    ///
    /// - Throws: ``SystemCallError`` with `ENODEV` if no interface has that index.
    public mutating func setUp(_ interface: Interface) throws(SystemCallError) {
        try talk(CInt(RTM_NEWLINK), 0, on: interface.name) { message in
            message.linkHeader(index: interface.index, up: true)
        }
    }

    /// Sets an interface down.
    ///
    /// - Throws: ``SystemCallError`` with `ENODEV` if no interface has that index.
    public mutating func setDown(_ interface: Interface) throws(SystemCallError) {
        try talk(CInt(RTM_NEWLINK), 0, on: interface.name) { message in
            message.linkHeader(index: interface.index, up: false)
        }
    }

    /// Says how long the packets of an interface may be, in bytes, without the Ethernet header.
    ///
    /// - Throws: ``SystemCallError`` with `EINVAL` for a number that the device does not take.
    public mutating func setMTU(_ bytes: UInt32, of interface: Interface) throws(SystemCallError) {
        try talk(CInt(RTM_NEWLINK), 0, on: interface.name) { message in
            message.linkHeader(index: interface.index)
            message.attribute(Int(IFLA_MTU), number: bytes)
        }
    }

    /// What a pair of virtual Ethernet devices may have that is not the kernel's choice; both ends alike.
    public struct VethShape: Sendable, Hashable {
        /// The largest packet in bytes (`IFLA_MTU`).
        public var mtu: UInt32?
        /// How many transmit and receive queues an end has (`IFLA_NUM_TX_QUEUES`, `IFLA_NUM_RX_QUEUES`).
        public var queues: UInt32?
        /// The index of the first end.
        public var index: CInt?

        /// Leaves to the kernel what is `nil`.
        public init(mtu: UInt32? = nil, queues: UInt32? = nil, index: CInt? = nil) {
            self.mtu = mtu
            self.queues = queues
            self.index = index
        }
    }

    /// Makes a pair of virtual Ethernet devices (veth(4)) in this namespace, down, with fixed hardware addresses.
    ///
    /// - Throws: ``SystemCallError`` with `EOPNOTSUPP` where the kernel lacks `CONFIG_VETH`, `EEXIST` for a name in use, `EBUSY`
    ///   for an index in use.
    public mutating func addVethPair(
        _ name: String,
        _ hardware: HardwareAddress,
        peer: String,
        _ peerHardware: HardwareAddress,
        shape: VethShape = VethShape()
    ) throws(SystemCallError) -> (Interface, Interface) {
        try addVeth(name, hardware, peer: peer, peerHardware, peerNamespace: nil, shape)
        return (try Interface(named: name), try Interface(named: peer))
    }

    /// Makes a pair of virtual Ethernet devices (veth(4)), one end in this namespace and the other in another, both down.
    ///
    /// - Parameters:
    ///   - name: The name of the end in this namespace.
    ///   - hardware: Its hardware address.
    ///   - peer: The name of the other end.
    ///   - peerHardware: Its hardware address.
    ///   - namespace: Where the other end is made; look it up there.
    /// - Returns: The end in this namespace.
    /// - Throws: ``SystemCallError`` with `EOPNOTSUPP` where the kernel lacks `CONFIG_VETH`, `EEXIST` for a name in use.
    public mutating func addVethPair(
        _ name: String,
        _ hardware: HardwareAddress,
        peer: String,
        _ peerHardware: HardwareAddress,
        in namespace: borrowing NetworkNamespace
    ) throws(SystemCallError) -> Interface {
        try addVeth(name, hardware, peer: peer, peerHardware, peerNamespace: namespace.number)
        return try Interface(named: name)
    }

    private mutating func addVeth(
        _ name: String,
        _ hardware: HardwareAddress,
        peer: String,
        _ peerHardware: HardwareAddress,
        peerNamespace: CInt?,
        _ shape: VethShape = VethShape()
    ) throws(SystemCallError) {
        let create = CInt(NLM_F_CREATE) | CInt(NLM_F_EXCL)
        try talk(CInt(RTM_NEWLINK), create, on: "\(name)/\(peer)") { message in
            message.linkHeader(index: shape.index ?? 0)
            message.attribute(Int(IFLA_IFNAME), string: name)
            message.veth(shape)
            message.attribute(Int(IFLA_ADDRESS), hardware.bytes)
            message.nest(Int(IFLA_LINKINFO)) { message in
                message.attribute(Int(IFLA_INFO_KIND), Array("veth".utf8))
                message.nest(Int(IFLA_INFO_DATA)) { message in
                    message.nest(Int(VETH_INFO_PEER)) { message in
                        message.linkHeader()
                        message.attribute(Int(IFLA_IFNAME), string: peer)
                        message.veth(shape)
                        message.attribute(Int(IFLA_ADDRESS), peerHardware.bytes)
                        if let peerNamespace {
                            message.attribute(Int(IFLA_NET_NS_FD), number: UInt32(peerNamespace))
                        }
                    }
                }
            }
        }
    }

    /// Gives an interface an address.
    ///
    /// One of IPv6 is usable at once: nobody is asked whether it is taken (`IFA_F_NODAD`).
    ///
    /// - Throws: ``SystemCallError`` with `EEXIST` if it has the address already, `EOPNOTSUPP` without `CONFIG_IPV6`.
    public mutating func addAddress(
        _ address: InternetAddress,
        prefixLength: UInt8,
        to interface: Interface
    ) throws(SystemCallError) {
        let create = CInt(NLM_F_CREATE) | CInt(NLM_F_EXCL)
        let (family, bytes) = (address.family, address.bytes)
        try talk(CInt(RTM_NEWADDR), create, on: "\(interface.name) \(address)") { message in
            var header = ifaddrmsg()
            header.ifa_family = UInt8(family)
            header.ifa_prefixlen = prefixLength
            header.ifa_flags = family == AF_INET6 ? UInt8(IFA_F_NODAD) : 0
            header.ifa_index = UInt32(interface.index)
            message.put(header)
            message.attribute(Int(IFA_LOCAL), bytes)
            message.attribute(Int(IFA_ADDRESS), bytes)
        }
    }

    private static let names: [CInt: String] = [
        CInt(RTM_NEWLINK): "RTM_NEWLINK", CInt(RTM_NEWADDR): "RTM_NEWADDR", CInt(RTM_NEWROUTE): "RTM_NEWROUTE",
        CInt(RTM_NEWQDISC): "RTM_NEWQDISC", CInt(RTM_NEWTFILTER): "RTM_NEWTFILTER",
        CInt(RTM_DELTFILTER): "RTM_DELTFILTER", CInt(RTM_NEWACTION): "RTM_NEWACTION",
        CInt(RTM_NEWNEIGH): "RTM_NEWNEIGH", CInt(RTM_DELROUTE): "RTM_DELROUTE",
        CInt(RTM_NEWRULE): "RTM_NEWRULE",
    ]

    /// Sends a request and waits for its acknowledgement.
    mutating func talk(
        _ type: CInt,
        _ flags: CInt,
        on subject: String,
        _ body: (inout NetlinkMessage) -> Void
    ) throws(SystemCallError) {
        sequence += 1
        var message = NetlinkMessage(
            type: type,
            flags: CInt(NLM_F_REQUEST) | CInt(NLM_F_ACK) | flags,
            sequence: sequence
        )
        body(&message)
        let bytes = message.finished()
        let call = "netlink(\(names[type] ?? "message \(type)"))"
        try SystemCallError.check(send(descriptor.number, bytes, bytes.count, 0), call, on: subject)
        var answer = [UInt8](repeating: 0, count: 8192)
        let count = recv(descriptor.number, &answer, answer.count, 0)
        try SystemCallError.check(count, call, on: subject)
        // An NLMSG_ERROR: 16 bytes of header, then the negated errno, 0 for an acknowledgement.
        guard count >= 20 else { throw SystemCallError(call, on: subject, errno: .badMessage) }
        let error = answer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 16, as: Int32.self) }
        try SystemCallError.checkNegated(error, call, on: subject)
    }
}
