import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Two hosts, and sockets of one of them that the filter is before.
final class CookieBench {
    private let loaded: LoadedInstructions
    private let network: Network
    private let filtered: PacketSocket
    private let senders: [SocketKind.Family: Box]
    private var receivers: [CookieFlow.Socket: Box] = [:]
    private let patience = Patience()

    private final class Box: Sendable {
        let socket: InternetSocket
        init(_ family: SocketKind.Family) throws {
            socket = try InternetSocket(SocketKind(family, .datagram, 17))
            try socket.setBuffers(4 << 20)
        }
    }

    /// What the program keeps of a socket.
    struct Entry: Equatable {
        var user = 0
        var packets = 0
        var bytes = 0
    }

    private static let topology = Topology(
        hosts: [.init("sender"), .init("receiver")],
        links: [
            .init(
                .init("sender", "eth0", ["10.1.0.1/24", "fd01::1/64"]),
                .init("receiver", "eth0", ["10.1.0.2/24", "fd01::2/64"]),
                mtu: 65535
            )
        ]
    )

    init(_ arena: borrowing Arena) throws {
        let loaded = try arena.loadInstructions()
        let network = try Self.topology.build()
        var senders: [SocketKind.Family: Box] = [:]
        for family in SocketKind.Family.allCases {
            senders[family] = try network.inside("sender") {
                try WorkThread.run(asUser: PerSocketStatsExample.sender) { try Box(family) }
            }
            try senders[family]?.socket.bind(to: Self.address(1, family), port: 9)
        }
        let interface = try network.interface("receiver", "eth0")
        filtered = try network.inside("receiver") { try PacketSocket(on: interface, type: 0x0800) }
        self.senders = senders
        self.loaded = loaded
        self.network = network
        for socket in CookieFlow.Socket.allCases { try open(socket) }
        try self.loaded.program("count").attachFilter(to: filtered.descriptor)
    }

    /// Opens a socket, and another in the place of one that is open.
    private func open(_ socket: CookieFlow.Socket) throws {
        receivers[socket] = nil
        let made = try network.inside("receiver") {
            socket == .inet6
                ? try WorkThread.run(asUser: PerSocketStatsExample.stranger) { try Box(.inet6) } : try Box(.inet)
        }
        try made.socket.bind(to: Self.address(2, socket.family), port: socket.port)
        if socket.isFiltered { try loaded.program("count").attachFilter(to: made.socket.descriptor) }
        receivers[socket] = made
    }

    private static func address(_ host: UInt8, _ family: SocketKind.Family) -> InternetAddress {
        family == .inet
            ? .v4(IPv4Address(10, 1, 0, host)) : .v6(IPv6Address(0xfd01, 0, 0, 0, 0, 0, 0, UInt16(host)))
    }

    /// The names of what the map holds, by its keys: the lower halves of cookies.
    ///
    /// What a packet socket sees still has the socket that sent it, also in another host's namespace.
    private func names() throws -> [UInt32: String] {
        var names: [UInt32: String] = [:]
        if let sender = senders[.inet] {
            names[UInt32(truncatingIfNeeded: try sender.socket.cookie())] = "packet socket"
        }
        for (name, receiver) in receivers where name.isFiltered {
            names[UInt32(truncatingIfNeeded: try receiver.socket.cookie())] = "\(name)"
        }
        return names
    }

    /// Makes the map for a step.
    ///
    /// - Returns: What stands there by now, by the names of sockets.
    func prepareEntries(_ step: PerSocketStatsExample.Step) throws -> [String: Entry] {
        let map = try loaded.map("statistics")
        for key in try map.keys(as: UInt32.self) { try map.delete(key) }
        if step == .new { return [:] }
        if step == .full { try open(.late) }
        var before: [String: Entry] = [:]
        let start = 1 << 32 - 1
        for (key, name) in try names() where !(step == .full && name == "late") {
            let user = ["inet": 1, "inet6": 2, "packet socket": 3, "late": 4][name] ?? 0
            before[name] = Entry(user: user, packets: start, bytes: start)
            try map.update(key, before[name] ?? Entry())
        }
        guard step == .full else { return before }
        let taken = try names()
        var (next, count) = (UInt32.max, UInt32(before.count))
        while count < PerSocketStatsExample.capacity {
            if taken[next] == nil {
                try map.update(next, Entry(user: -1))
                count += 1
            }
            next -= 1
        }
        return before
    }

    /// Has all processors send to one socket at once.
    func crowd(_ count: Int) throws {
        guard let number = senders[.inet]?.socket.descriptor.number else { return }
        let (target, port) = (Self.address(2, .inet), CookieFlow.Socket.inet.port)
        try Crowd.run(on: try SenderProcessors.available()) {
            { for _ in 0..<count { _ = InternetSocket.offer([], by: number, to: target, port: port) } }
        }
    }

    /// Sends everything once, and says what has come of it.
    func exchange() throws -> Tallies {
        var found: Tallies = [:]
        for flow in CookieFlow.all {
            guard let sender = senders[flow.socket.family], let receiver = receivers[flow.socket] else { continue }
            for message in flow.messages {
                let answer =
                    flow.comesIn
                    ? sender.socket.offer(message, to: Self.address(2, flow.socket.family), port: flow.socket.port)
                    : receiver.socket.offer(message, to: Self.address(1, flow.socket.family), port: 9)
                if answer != "ok" { found.add("refused: \(answer)") }
            }
        }
        for flow in CookieFlow.all {
            guard let sender = senders[flow.socket.family], let receiver = receivers[flow.socket] else { continue }
            for message in flow.messages {
                let box = flow.comesIn ? receiver : sender
                let isWhole = try patience.wait { try box.socket.receive(until: $0) } == message
                if flow.comesIn || !isWhole { found.add(isWhole ? "received whole" : "not received whole") }
            }
        }
        var lengths = CookieFlow.all.filter(\.isCaptured).flatMap { flow in flow.payloads.map { $0 + 14 + 20 + 8 } }
        for frame in try filtered.frames(atLeast: lengths.count, until: patience.deadline) {
            if let index = lengths.firstIndex(of: frame.bytes.count) {
                lengths.remove(at: index)
                found.add("frames whole")
            } else {
                found.add("frames not whole")
            }
        }
        return found
    }

    /// What the map holds, once it holds as many packets as it ought to, or never will.
    func entries(
        _ step: PerSocketStatsExample.Step,
        since before: [String: Entry],
        atLeast expected: Tallies
    ) throws -> Tallies {
        let map = try loaded.map("statistics")
        let names = try names()
        func grown(_ key: UInt32, _ entry: Entry) -> Tallies {
            guard let name = names[key] else {
                return step == .full && entry == Entry(user: -1) ? [:] : ["another entry": 1]
            }
            let old = before[name] ?? Entry()
            return [
                "\(name): packets": entry.packets &- old.packets, "\(name): bytes": entry.bytes &- old.bytes,
                "\(name): user \(entry.user)": 1,
            ]
        }
        var found: Tallies = [:]
        try patience.poll {
            found = [:]
            for (key, entry) in try map.entries(UInt32.self, Entry.self) { found = found + grown(key, entry) }
            let names = ["inet", "packet socket"].map { "\($0): packets" }
            return names.allSatisfy { found[$0] >= expected[$0] }
        }
        // Those of the crowd were not taken out.
        _ = try filtered.frames()
        for receiver in receivers.values { _ = try receiver.socket.receiveAll() }
        return found
    }
}
