public import LinuxHost

/// The hosts that have tunnels; all are joined to one that sees what they send.
public enum TunnelHost: String, Sendable, CaseIterable {
    /// The host at which most devices are.
    case near
    /// Another with the same addresses, for devices that cannot be beside some of the first.
    case other
    /// The one with the address that the others send to.
    case back

    /// The interface by which it is joined to the far end.
    public static let port = "veth1"
    /// The host that they are joined to, by interfaces of their names.
    ///
    /// It has no addresses, and says nothing to what comes.
    public static let far = "far"
}

/// Addresses of hosts with tunnels, those of upstream's script where it has any.
public enum TunnelAddress {
    /// That of the hosts with tunnels.
    public static let near4 = IPv4Address(172, 16, 1, 200)
    /// Another of theirs.
    public static let second4 = IPv4Address(172, 16, 1, 20)
    /// Where their tunnels go.
    public static let far4 = IPv4Address(172, 16, 1, 100)
    /// That of the hosts with tunnels.
    public static let near6 = v6(0x22)
    /// Where their tunnels go.
    public static let far6 = v6(0x11)

    /// An address of few bits, whose upper half of the last word is 0.
    public static func v6(_ number: UInt16) -> IPv6Address { IPv6Address(0, 0, 0, 0, 0, 0, 0, number) }

    /// The address of a number, as programs have it.
    public static func v4(_ number: UInt32) -> IPv4Address {
        IPv4Address(UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255))
    }

    /// A sender of tunnels in IPv4, which the run's mark and a number tell from all others.
    public static func sender4(_ run: TunnelRun, _ number: UInt8) -> IPv4Address {
        IPv4Address(10, UInt8(run.mark >> 8), UInt8(run.mark & 255), number)
    }

    /// The same in IPv6: its first word and its last are alike.
    public static func sender6(_ run: TunnelRun, _ number: UInt8) -> IPv6Address {
        let word = [0x20] + EthernetFrame.big(run.mark) + [number]
        return IPv6Address(bytes: word + [0, 0, 0, 0, 0, 0, 0, 0] + word)
    }

    // Inside of the tunnels, where the host is 200, and what it talks to 100.

    /// A host of the network inside of a kind of tunnel.
    public static func inner4(_ network: UInt8, _ host: UInt8) -> IPv4Address { IPv4Address(10, 1, network, host) }

    /// The same in IPv6.
    public static func inner6(_ network: UInt8, _ host: UInt8) -> IPv6Address {
        IPv6Address(0xfc80, UInt16(network), 0, 0, 0, 0, 0, UInt16(host))
    }

    /// The tunnel device's own hardware address.
    public static let deviceHardware = HardwareAddress(0x52, 0x54, 0, 0xd9, 1, 0)
    /// That of whom its packets go to.
    public static let peerHardware = HardwareAddress(0x52, 0x54, 0, 0xd9, 2, 0)
}

/// What the expectations of a run depend on.
public struct TunnelRun: Sendable {
    /// A number of the run's own, by which its tunnels are told from those of others.
    public var mark: UInt16
    /// What the run found out about itself, the mark among it.
    public var facts: Tallies {
        didSet { mark = UInt16(truncatingIfNeeded: facts[Self.markFact]) }
    }

    /// The name of the mark among the facts.
    public static let markFact = "mark"

    /// Takes the facts of a run.
    public init(_ facts: Tallies) {
        self.facts = facts
        mark = UInt16(truncatingIfNeeded: facts[Self.markFact])
    }
}
