public import LibBPF
public import LinuxHost
public import SampleKit
import SystemPackage

/// Hosts with tunnel devices, joined to one that sees what they send, and the kern half whose programs are put on the devices.
///
/// The kern half is that of `test_tunnel_bpf` and `test_ipip`, whose devices know of no tunnels but those of their packets.
public final class TunnelBench<Kind: TunnelKind> {
    /// The hosts.
    public let network: Network
    /// The programs of the sample; the others of the object are not loaded.
    public let object: LoadedObject
    /// What expectations depend on.
    public var run: TunnelRun
    /// Whether something was missing in a step: what is broken is not waited for again.
    public internal(set) var isBroken = false
    let recorder: PrintRecorder
    /// The name of this thread, by which the lines of programs without a device are told: its number may be another one in a
    /// container.
    let name = "tun-\(Hexadecimal.text(UInt32.random(in: 0...UInt32.max)))"
    private var devices: [String: Interface] = [:]
    private var eyes: [String: TunnelEye] = [:]
    private var senders: [TunnelHost: TunnelSender] = [:]
    /// What the next number of each kind must be.
    var numbers: [Kind: UInt32] = [:]

    /// Makes the hosts and the devices of some kinds, and loads the programs of some names.
    ///
    /// - Throws: `ObjectMismatch` for an object of another form, `UnmetNeed` where the kernel knows less of tunnels than the object;
    ///   `SystemCallError` with `EOPNOTSUPP` where the kernel has no such tunnels.
    public init(_ arena: borrowing Arena, _ kinds: [Kind], programs: Set<String>) throws {
        let opened = try arena.openObject(without: TunnelFunctions.later)
        for program in opened.programs { try program.setAutoload(programs.contains(program.name)) }
        let object = try opened.load()
        try TunnelKey.check(object)
        // Neither half is 0 or what begins another address.
        let mark = UInt16.random(in: 0x1100...0xfeff) | 0x0001
        network = try TunnelTopology.topology(kinds, mark: mark).build()
        try SmallFile.write(name, to: "/proc/thread-self/comm")
        recorder = try arena.recordPrints()
        run = TunnelRun([TunnelRun.markFact: Int(mark)])
        self.object = object
        for host in TunnelHost.allCases where kinds.contains(where: { $0.host == host }) {
            try addNeighbours(of: host)
            eyes[host.rawValue] = TunnelEye(try network.capture(TunnelHost.far, host.rawValue))
            senders[host] = TunnelSender(try network.sender(host.rawValue))
        }
        for kind in kinds { try addDevice(kind) }
        for kind in kinds where kind.homeward != nil {
            eyes["\(kind.host) lo"] = TunnelEye(try network.capture(kind.host.rawValue, "lo"))
        }
    }

    /// Tells a host where its tunnels go.
    private func addNeighbours(of host: TunnelHost) throws {
        let port = try network.interface(host.rawValue, TunnelHost.port)
        let targets: [InternetAddress] =
            host == .back
            ? [.v4(TunnelAddress.second4), .v6(TunnelAddress.v6(run.mark))]
            : [.v4(TunnelAddress.far4), .v6(TunnelAddress.far6)]
        try network.configure(host.rawValue) { routes in
            for target in targets { try routes.addNeighbour(target, farHardware(host), on: port) }
        }
    }

    private func addDevice(_ kind: Kind) throws {
        let host = kind.host.rawValue
        if devices[Self.key(kind)] == nil { try make(kind) }
        let device = try device(kind)
        try network.configure(host) { routes in
            try routes.setRoute(to: AddressPrefix(.v4(TunnelAddress.inner4(kind.network, 0)), 24), through: device)
            try routes.setRoute(to: AddressPrefix(.v6(TunnelAddress.inner6(kind.network, 0)), 64), through: device)
            guard kind.device.carriesEthernet else { return }
            let peers: [InternetAddress] = [
                .v4(TunnelAddress.inner4(kind.network, 100)), .v6(TunnelAddress.inner6(kind.network, 100)),
            ]
            for peer in peers { try routes.addNeighbour(peer, TunnelAddress.peerHardware, on: device) }
        }
    }

    private func make(_ kind: Kind) throws {
        let hardware = kind.device.carriesEthernet ? TunnelAddress.deviceHardware : nil
        let host = kind.host.rawValue
        let made = try network.inside(host) {
            try network.configure(host) { routes in
                let made = try routes.addExternalTunnel("\(kind.device)11", kind.device, hardware: hardware)
                try routes.setUp(made)
                try routes.addFilterQueue(to: made)
                return made
            }
        }
        devices[Self.key(kind)] = made
        eyes[Self.key(kind)] = TunnelEye(try network.inside(host) { try PacketSocket(on: made) })
    }

    private static func key(_ kind: Kind) -> String { "\(kind.host) \(kind.device)" }

    /// The device of a kind.
    public func device(_ kind: Kind) throws -> Interface {
        guard let device = devices[Self.key(kind)] else {
            throw SystemCallError("find a device", on: Self.key(kind), errno: .noSuchAddressOrDevice)
        }
        return device
    }

    /// What sees all that passes the device of a kind.
    public func eye(_ kind: Kind) throws -> TunnelEye { try eye(Self.key(kind)) }

    /// What sees all that a host sends, and sends to it.
    public func far(_ host: TunnelHost) throws -> TunnelEye { try eye(host.rawValue) }

    func loopback(_ host: TunnelHost) throws -> TunnelEye { try eye("\(host) lo") }

    private func eye(_ name: String) throws -> TunnelEye {
        guard let eye = eyes[name] else {
            throw SystemCallError("find a socket", on: name, errno: .noSuchAddressOrDevice)
        }
        return eye
    }

    func send(_ packet: TunneledPacket, from host: TunnelHost) throws {
        try senders[host]?.sender.send(packet.bytes, to: packet.target)
    }

    /// The hardware address of a host's port.
    public func hardware(_ host: TunnelHost) -> HardwareAddress {
        network.topology.hardware(host.rawValue, TunnelHost.port) ?? HardwareAddress(local: 0)
    }

    /// That of the far end of its link.
    public func farHardware(_ host: TunnelHost) -> HardwareAddress {
        network.topology.hardware(TunnelHost.far, host.rawValue) ?? HardwareAddress(local: 0)
    }
}

/// A packet socket that can be kept by name.
public final class TunnelEye {
    /// The socket.
    public let socket: PacketSocket
    /// Keeps a socket.
    public init(_ socket: consuming PacketSocket) { self.socket = socket }
}

/// A sender of packets that can be kept by name.
private final class TunnelSender {
    let sender: PacketSender
    init(_ sender: consuming PacketSender) { self.sender = sender }
}

private enum TunnelFunctions {
    /// What programs of later trees call that no sample loads.
    static let later: Set<String> = [
        "bpf_skb_set_fou_encap", "bpf_skb_get_fou_encap", "bpf_xdp_get_xfrm_state", "bpf_xdp_xfrm_state_release",
        "bpf_dynptr_from_xdp", "bpf_dynptr_slice",
    ]
}

private enum TunnelTopology {
    static func topology(_ kinds: [some TunnelKind], mark: UInt16) -> Topology {
        let hosts = TunnelHost.allCases.filter { host in kinds.contains { $0.host == host } }
        let talking = hosts.map { host in
            let own = kinds.filter { $0.host == host }.flatMap { kind in
                [
                    "\(TunnelAddress.inner4(kind.network, 200))/32", "\(TunnelAddress.inner6(kind.network, 200))/128",
                ]
            }
            // Not at the port, where the kernel would take it for the source of what names none.
            let second = host == .back ? [] : ["\(TunnelAddress.v6(mark))/128"]
            return Topology.Host(host.rawValue, addresses: own + second)
        }
        let links = hosts.map { host in
            let addresses =
                host == .back ? ["172.16.1.100/24", "::11/96"] : ["172.16.1.200/24", "172.16.1.20/24", "::22/96"]
            return Topology.Link(
                .init(host.rawValue, TunnelHost.port, addresses),
                .init(TunnelHost.far, host.rawValue),
                knowsNeighbours: false
            )
        }
        return Topology(hosts: talking + [.init(TunnelHost.far, usesIPv6: false)], links: links)
    }
}
