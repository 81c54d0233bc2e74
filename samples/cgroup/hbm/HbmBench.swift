import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Two hosts, sockets in four cgroups, and what is seen on the way between them.
final class HbmBench {
    let network: Network
    let inner: ControlGroup
    let patience = Patience()
    private let outer: ControlGroup
    private var sockets: [HbmTrial.Place: HbmSockets] = [:]
    private let receiver: HbmSockets
    private let wire: PacketSocket
    private let loopback: PacketSocket
    private let departures: LoadedInstructions
    private var serial: UInt32 = 0
    /// How many packets sendto(2) took for each device.
    private var taken: [HbmPacket.Device: Int] = [:]

    private static let topology = Topology(
        hosts: [
            // Nothing but what is sent: no options, and no probes of what was not acknowledged.
            .init("near", settings: [("ipv4/tcp_timestamps", "0"), ("ipv4/tcp_early_retrans", "0")]), .init("far"),
        ],
        links: [
            .init(
                .init("near", "eth0", ["10.1.0.1/24", "fd01::1/64"]),
                .init("far", "eth0", ["10.1.0.2/24", "fd01::2/64"])
            )
        ]
    )

    /// Keeps when a packet of ours may leave, as the interface is handed it (`__sk_buff.tstamp`).
    private static let recorder = KernInstructions(
        maps: [.init("departure", MapShape(.array, value: 8, capacity: 1))],
        programs: [
            .init(
                "record",
                .trafficClassifier,
                [
                    // mark stands at 8 bytes, tstamp at 152 (struct __sk_buff of linux/bpf.h).
                    .load(.r7, from: .r1, 152),
                    .load(.r6, from: .r1, 8, width: .word),
                    .jump(over: 8, if: .r6, .notEqual, HbmSockets.mark),
                    .store(0, at: .r10, -4, width: .word),
                    .move(.r2, .r10),
                    .add(.r2, -4),
                    .move(.r1, map: 0), .upperHalf(of: 0),
                    .call(.mapLookup),
                    .jump(over: 1, if: .r0, .equal, 0),
                    .store(.r7, at: .r0, 0),
                    // TC_ACT_OK
                    .move(.r0, 0),
                    .exit,
                ]
            )
        ]
    )

    init(_ arena: borrowing Arena) throws {
        let network = try Self.topology.build()
        let inner = arena.cgroup.child("inner")
        outer = arena.cgroup
        let cgroups: [HbmTrial.Place: ControlGroup] = [
            .inside: inner, .below: inner.child("below"), .beside: arena.cgroup.child("beside"),
        ]
        for place in HbmTrial.Place.allCases {
            if let cgroup = cgroups[place] {
                try cgroup.create()
                try cgroup.enter()
            } else {
                try outer.enter()
            }
            sockets[place] = try network.inside("near") { try HbmSockets(port: place == .inside ? .near : nil) }
        }
        // Without a receiver the other host would complain of datagrams, and their sender hear of it.
        receiver = try network.inside("far") { try HbmSockets(port: .far) }
        wire = try network.capture("far", "eth0")
        loopback = try network.capture("near", "lo")
        departures = try Self.recorder.load(name: "the recorder of departures")
        let interface = try network.interface("near", "eth0")
        let recorder = try departures.program("record").descriptor
        try network.configure("near") { routes in
            try routes.addFilterQueue(to: interface)
            try routes.addFilter(recorder, to: interface, at: .egress)
        }
        self.network = network
        self.inner = inner
    }

    /// Runs a closure with the process in the limited cgroup.
    func inside<Value: ~Copyable>(_ body: () throws -> Value) throws -> Value {
        try inner.enter()
        do {
            let value = try body()
            try outer.enter()
            return value
        } catch {
            try outer.enter()
            throw error
        }
    }

    /// Sends a packet.
    func send(_ packet: HbmPacket, at place: HbmTrial.Place, by device: HbmPacket.Device) throws -> (
        serial: UInt32, began: Int, answer: String, ended: Int
    ) {
        guard let sockets = sockets[place] else { preconditionFailure("each cgroup has its sockets") }
        serial += 1
        let send = try sockets.ready(packet, serial, by: device)
        let began = Int(Deadline.now)
        let answer = send()
        let ended = Int(Deadline.now)
        if answer == "ok" { taken[device, default: 0] += 1 }
        return (serial, began, answer, ended)
    }

    /// The number of the socket of the limited cgroup whose packets are made by hand.
    func rawNumber(_ family: SocketKind.Family) -> CInt { sockets[.inside]?.rawNumber(family) ?? -1 }

    /// Sends packets that are not counted among those that are waited for.
    func note(taken count: Int) { taken[.wire, default: 0] += count }

    /// The departure that the interface was handed last; 0 where nothing was, or none was said.
    func departure() throws -> Int { try departures.map("departure").lookup(UInt32(0), as: Int.self) ?? 0 }

    /// Forgets it.
    func forgetDeparture() throws { try departures.map("departure").update(UInt32(0), 0) }

    /// What arrived since the last time, by number; waited for until all that was sent is there.
    func arrivals() throws -> [UInt32: [Int]] {
        // What is not limited comes last of all on its way: what is not there by then will not come.
        for device in [HbmPacket.Device.wire, .loopback] {
            _ = try send(HbmPacket(.inet, length: 64), at: .above, by: device)
        }
        var found: [UInt32: [Int]] = [:]
        for device in [HbmPacket.Device.wire, .loopback] {
            for packet in try arrived(atLeast: taken[device, default: 0], by: device) {
                found[packet.serial, default: []].append(packet.serviceClass)
            }
        }
        taken = [:]
        return found
    }

    private func arrived(
        atLeast count: Int,
        by device: HbmPacket.Device
    ) throws -> [(serial: UInt32, serviceClass: Int)] {
        var found: [(serial: UInt32, serviceClass: Int)] = []
        _ = try patience.wait { deadline -> Bool? in
            let read = { (frame: PacketSocket.Frame) in frame.isOutgoing ? nil : HbmPacket.read(frame) }
            let missing = count - found.count
            let frames =
                switch device {
                case .wire: try wire.frames(atLeast: missing, until: deadline) { read($0) != nil }
                case .loopback: try loopback.frames(atLeast: missing, until: deadline) { read($0) != nil }
                }
            found += frames.compactMap(read)
            return found.count >= count ? true : nil
        }
        return found
    }

    /// Waits for the next packet of ours on the wire.
    ///
    /// - Returns: The moment at which it was there; `nil` if none comes in time.
    func awaitNext() throws -> Int? {
        let isThere = try !arrived(atLeast: 1, by: .wire).isEmpty
        let now = Int(Deadline.now)
        taken[.wire] = nil
        return isThere ? now : nil
    }

    func remove() throws { try inner.remove(deadline: Deadline(after: answerTime)) }
}
