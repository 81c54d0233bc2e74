import CLinux
import Glibc

/// BPF programs that belong to the network, and go with its namespace.
///
/// The kernel may load a module for each of these (`sch_ingress`, `cls_bpf`, `act_bpf`), as for any user of it.
extension RouteSocket {
    /// Where a route's program runs (`LWTUNNEL_ENCAP_BPF` in linux/lwtunnel.h, Linux 4.10).
    public enum RouteHook: UInt16, Sendable, Hashable {
        /// For packets that the route receives.
        case input = 1
        /// For packets that this host sends.
        case output = 2
        /// Before a packet is handed to the device.
        case transmit = 3
    }

    static let create = CInt(NLM_F_CREATE) | CInt(NLM_F_EXCL)
    /// Shown by `tc` and `ip`.
    static let name = "bpf-assay"

    /// Runs an XDP program at an interface in generic mode (`IFLA_XDP`, Linux 4.12), or none any more.
    ///
    /// - Parameters:
    ///   - program: The program's descriptor; -1 takes the present one away.
    ///   - interface: The interface.
    /// - Throws: ``SystemCallError`` with `EPERM` without `CAP_NET_ADMIN`, `EINVAL` for a program of another type.
    public mutating func setXDP(_ program: CInt, on interface: Interface) throws(SystemCallError) {
        try talk(CInt(RTM_NEWLINK), 0, on: interface.name) { message in
            message.linkHeader(index: interface.index)
            message.nest(Int(IFLA_XDP)) { message in
                message.attribute(Int(IFLA_XDP_FD), number: UInt32(bitPattern: program))
                message.attribute(Int(IFLA_XDP_FLAGS), number: UInt32(XDP_FLAGS_SKB_MODE))
            }
        }
    }

    /// Makes a device of a kind that needs no more than that, such as `netkit` (Linux 6.7).
    ///
    /// - Throws: ``SystemCallError`` with `EOPNOTSUPP` where the kernel has no such kind.
    public mutating func addDevice(_ name: String, kind: String) throws(SystemCallError) -> Interface {
        try talk(CInt(RTM_NEWLINK), Self.create, on: name) { message in
            message.linkHeader()
            message.attribute(Int(IFLA_IFNAME), string: name)
            message.nest(Int(IFLA_LINKINFO)) { message in
                message.attribute(Int(IFLA_INFO_KIND), Array(kind.utf8))
            }
        }
        return try Interface(named: name)
    }

    /// Makes the queueing discipline `clsact`, which filters belong to (`CONFIG_NET_SCH_INGRESS`, Linux 4.5).
    ///
    /// - Throws: ``SystemCallError`` with `ENOENT` or `EOPNOTSUPP` where the kernel has none, `EEXIST` if there is one already.
    public mutating func addFilterQueue(to interface: Interface) throws(SystemCallError) {
        try talk(CInt(RTM_NEWQDISC), Self.create, on: interface.name) { message in
            var header = tcmsg()
            header.tcm_ifindex = interface.index
            header.tcm_parent = 0xffff_fff1  // TC_H_CLSACT
            header.tcm_handle = 0xffff_0000
            message.put(header)
            message.attribute(Int(TCA_KIND), string: "clsact")
        }
    }

    /// A side of an interface, where filters run (`TC_H_MIN_INGRESS` and `TC_H_MIN_EGRESS` of linux/pkt_sched.h).
    public enum FilterSide: UInt32, Sendable, Hashable {
        /// On what the interface receives, before the protocols see it.
        case ingress = 0xfff2
        /// On what goes out at the interface.
        case egress = 0xfff3

        /// The class of `clsact` that filters of this side belong to.
        var parent: UInt32 { 0xffff_0000 | rawValue }
    }

    /// A priority, and any protocol.
    private static func filterInfo(_ priority: UInt16) -> UInt32 {
        UInt32(priority) << 16 | UInt32(UInt16(ETH_P_ALL).bigEndian)
    }

    /// Runs a program at an interface with a ``addFilterQueue(to:)`` (`cls_bpf`, direct action), as the side's only filter of its
    /// priority.
    ///
    /// It stays until ``removeFilter(from:at:priority:)``, or until the interface is gone.
    ///
    /// - Parameters:
    ///   - program: The descriptor of a program of the type `BPF_PROG_TYPE_SCHED_CLS`.
    ///   - interface: The interface.
    ///   - side: Where at the interface.
    ///   - priority: Filters run in the order of these numbers, until one decides.
    /// - Throws: ``SystemCallError`` with `ENOENT` or `EOPNOTSUPP` without `CONFIG_NET_CLS_BPF`, `EEXIST` where there is a
    ///   filter already.
    public mutating func addFilter(
        _ program: CInt,
        to interface: Interface,
        at side: FilterSide = .ingress,
        priority: UInt16 = 1
    ) throws(SystemCallError) {
        try talk(CInt(RTM_NEWTFILTER), Self.create, on: "\(interface.name) \(side)") { message in
            var header = tcmsg()
            header.tcm_ifindex = interface.index
            header.tcm_parent = side.parent
            header.tcm_info = Self.filterInfo(priority)
            message.put(header)
            message.attribute(Int(TCA_KIND), string: "bpf")
            message.nest(Int(TCA_OPTIONS)) { message in
                message.attribute(TCA_BPF_FD, number: UInt32(bitPattern: program))
                message.attribute(TCA_BPF_NAME, string: Self.name)
                message.attribute(TCA_BPF_FLAGS, number: UInt32(TCA_BPF_FLAG_ACT_DIRECT))
            }
        }
    }

    /// Takes the program of ``addFilter(_:to:at:priority:)`` away again: no later packet meets it.
    ///
    /// - Throws: ``SystemCallError`` with `ENOENT` where there is none.
    public mutating func removeFilter(
        from interface: Interface,
        at side: FilterSide,
        priority: UInt16 = 1
    ) throws(SystemCallError) {
        try talk(CInt(RTM_DELTFILTER), 0, on: "\(interface.name) \(side)") { message in
            var header = tcmsg()
            header.tcm_ifindex = interface.index
            header.tcm_parent = side.parent
            header.tcm_info = Self.filterInfo(priority)
            message.put(header)
            message.attribute(Int(TCA_KIND), string: "bpf")
        }
    }

    /// Makes an action of a program, which filters could name (`act_bpf`, Linux 4.1).
    ///
    /// - Parameter program: The descriptor of a program of the type `BPF_PROG_TYPE_SCHED_ACT`.
    /// - Throws: ``SystemCallError`` with `ENOENT` or `EOPNOTSUPP` without `CONFIG_NET_ACT_BPF`.
    public mutating func addAction(_ program: CInt) throws(SystemCallError) {
        try talk(CInt(RTM_NEWACTION), Self.create, on: "an action of a program") { message in
            message.put(tcamsg())
            message.nest(Int(TCA_ROOT_TAB)) { message in
                message.nest(1) { message in
                    message.attribute(Int(TCA_ACT_KIND), string: "bpf")
                    message.nest(Int(TCA_ACT_OPTIONS)) { message in
                        // struct tc_act_bpf
                        message.attribute(Int(TCA_ACT_BPF_PARMS), [UInt8](repeating: 0, count: 20))
                        message.attribute(Int(TCA_ACT_BPF_FD), number: UInt32(bitPattern: program))
                        message.attribute(Int(TCA_ACT_BPF_NAME), string: Self.name)
                    }
                }
            }
        }
    }

    /// Adds a route to a part of the documentation's network (192.0.2.0/24) that goes out at an interface, which must be up.
    ///
    /// - Parameters:
    ///   - interface: The interface.
    ///   - hook: Where a program runs for its packets; `nil` for a route without one.
    ///   - program: The descriptor of a program of the type that belongs to the hook.
    /// - Throws: ``SystemCallError`` with `EOPNOTSUPP` where the kernel has no such routes (`CONFIG_LWTUNNEL_BPF`).
    public mutating func addRoute(
        through interface: Interface,
        _ hook: RouteHook?,
        program: CInt
    ) throws(SystemCallError) {
        let subnet = UInt8(hook?.rawValue ?? 0) << 5
        try talk(CInt(RTM_NEWROUTE), Self.create, on: "192.0.2.\(subnet)/27") { message in
            message.route(family: AF_INET, length: 27)
            message.attribute(Int(RTA_DST.rawValue), [192, 0, 2, subnet])
            message.attribute(Int(RTA_OIF.rawValue), number: UInt32(interface.index))
            if let hook { message.program(RouteProgram(hook, program), named: Self.name) }
        }
    }

    /// Adds a route of IPv6 (2001:db8::/64), one of segment routing whose program decides where a program is given.
    ///
    /// - Parameters:
    ///   - interface: An interface that is up.
    ///   - program: The descriptor of a program of the type `BPF_PROG_TYPE_LWT_SEG6LOCAL` (Linux 4.18); `nil` for a plain route.
    /// - Throws: ``SystemCallError`` with `EOPNOTSUPP` where the kernel has no such routes (`CONFIG_IPV6_SEG6_LWTUNNEL`), or none
    ///   of IPv6.
    public mutating func addSegmentRoute(through interface: Interface, program: CInt?) throws(SystemCallError) {
        try talk(CInt(RTM_NEWROUTE), Self.create, on: "2001:db8:\(program == nil ? 0 : 1)::/64") { message in
            message.route(family: AF_INET6, length: 64)
            message.attribute(
                Int(RTA_DST.rawValue),
                [0x20, 0x01, 0x0d, 0xb8, 0, program == nil ? 0 : 1] + [UInt8](repeating: 0, count: 10)
            )
            message.attribute(Int(RTA_OIF.rawValue), number: UInt32(interface.index))
            guard let program else { return }
            message.attribute(Int(RTA_ENCAP_TYPE.rawValue), number: UInt16(LWTUNNEL_ENCAP_SEG6_LOCAL.rawValue))
            message.nest(Int(RTA_ENCAP.rawValue)) { message in
                message.attribute(Int(SEG6_LOCAL_ACTION), number: UInt32(SEG6_LOCAL_ACTION_END_BPF))
                message.nest(Int(SEG6_LOCAL_BPF)) { message in
                    message.attribute(Int(SEG6_LOCAL_BPF_PROG), number: UInt32(bitPattern: program))
                    message.attribute(Int(SEG6_LOCAL_BPF_PROG_NAME), string: Self.name)
                }
            }
        }
    }
}
