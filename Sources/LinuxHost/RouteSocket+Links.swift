import CLinux
import Glibc

/// One end of a veth pair before it is made.
public struct VethEnd: Sendable, Hashable {
    /// Its name, at most 15 bytes.
    public var name: String
    /// Its hardware address.
    public var hardware: HardwareAddress
    /// Its interface index; `nil` for the kernel's choice.
    public var index: CInt?

    /// Describes an end.
    public init(_ name: String, _ hardware: HardwareAddress, index: CInt? = nil) {
        self.name = name
        self.hardware = hardware
        self.index = index
    }
}

/// A BPF program of a route (`LWTUNNEL_ENCAP_BPF`).
public struct RouteProgram: Sendable, Hashable {
    /// Where it runs.
    public var hook: RouteSocket.RouteHook
    /// The descriptor of a program of the type that belongs to the hook.
    public var descriptor: CInt

    /// Names a program and its place.
    public init(_ hook: RouteSocket.RouteHook, _ descriptor: CInt) {
        self.hook = hook
        self.descriptor = descriptor
    }
}

/// Links with more to them than a name: queues, sizes, indices.
extension RouteSocket {
    /// Makes a pair of virtual Ethernet devices (veth(4)), one end in this namespace, both down.
    ///
    /// - Parameters:
    ///   - near: The end in this namespace.
    ///   - far: The other end.
    ///   - namespace: Where the other end is made.
    ///   - queues: How many queues each end has in each direction, at least 1.
    ///   - mtu: The largest packet in bytes, without the Ethernet header; at most 65535.
    /// - Throws: ``SystemCallError`` with `EOPNOTSUPP` without `CONFIG_VETH`, `EEXIST` for a name in use, `EBUSY` for an index.
    public mutating func addVethPair(
        _ near: VethEnd,
        _ far: VethEnd,
        in namespace: borrowing NetworkNamespace,
        queues: UInt32 = 1,
        mtu: UInt32 = 1500
    ) throws(SystemCallError) {
        let number = namespace.number
        let describe = { (end: VethEnd, message: inout NetlinkMessage) in
            message.linkHeader(index: end.index ?? 0)
            message.attribute(Int(IFLA_IFNAME), string: end.name)
            message.attribute(Int(IFLA_ADDRESS), end.hardware.bytes)
            message.attribute(Int(IFLA_MTU), number: mtu)
            message.attribute(Int(IFLA_NUM_TX_QUEUES), number: queues)
            message.attribute(Int(IFLA_NUM_RX_QUEUES), number: queues)
        }
        try talk(CInt(RTM_NEWLINK), Self.create, on: "\(near.name)/\(far.name)") { message in
            describe(near, &message)
            message.nest(Int(IFLA_LINKINFO)) { message in
                message.attribute(Int(IFLA_INFO_KIND), Array("veth".utf8))
                message.nest(Int(IFLA_INFO_DATA)) { message in
                    message.nest(Int(VETH_INFO_PEER)) { message in
                        describe(far, &message)
                        message.attribute(Int(IFLA_NET_NS_FD), number: UInt32(number))
                    }
                }
            }
        }
    }

    /// Takes a route away.
    ///
    /// - Throws: ``SystemCallError`` with `ESRCH` where there is none to these addresses.
    public mutating func removeRoute(to prefix: AddressPrefix, through interface: Interface) throws(SystemCallError) {
        try talk(CInt(RTM_DELROUTE), 0, on: "\(prefix) through \(interface.name)") { message in
            message.route(family: prefix.address.family, length: prefix.length)
            message.attribute(Int(RTA_DST.rawValue), prefix.address.bytes)
            message.attribute(Int(RTA_OIF.rawValue), number: UInt32(interface.index))
        }
    }
}

extension NetlinkMessage {
    /// A route's program.
    mutating func program(_ program: RouteProgram, named name: String) {
        attribute(Int(RTA_ENCAP_TYPE.rawValue), number: UInt16(LWTUNNEL_ENCAP_BPF.rawValue))
        nest(Int(RTA_ENCAP.rawValue)) { message in
            message.nest(Int(program.hook.rawValue)) { message in
                message.attribute(Int(LWT_BPF_PROG_FD), number: UInt32(bitPattern: program.descriptor))
                message.attribute(Int(LWT_BPF_PROG_NAME), string: name)
            }
        }
    }
}
