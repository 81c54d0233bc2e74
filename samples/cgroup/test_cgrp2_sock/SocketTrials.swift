import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Two hosts, and a process that makes sockets in a cgroup below the arena's.
final class SocketTrials {
    /// All that are Internet sockets.
    static let kinds: [SocketKind] = SocketKind.Family.allCases.flatMap { family in
        [SocketKind(family, .stream, 0), SocketKind(family, .datagram, 17), SocketKind(family, .raw, 255)]
    }

    /// The user that the process is.
    let user = Int(ProcessNumbers.user)
    private let loaded: LoadedInstructions
    private let network: Network
    private let cgroups: [TestCgrp2Sock.Step.Place: ControlGroup]
    private var current: TestCgrp2Sock.Step?
    /// Sockets of the other host, which listen since before anything was attached.
    private var listeners: [SocketKind.Family: Box] = [:]
    /// Sockets of the other host that are going to connect, one for each step, as old as those.
    private var clients: [SocketKind.Family: [Box]] = [:]
    /// A socket that is older than all attachments.
    private let old: Box

    private final class Box {
        let socket: InternetSocket
        init(_ socket: consuming InternetSocket) { self.socket = socket }
    }

    private static let topology = Topology(
        hosts: [.init("near"), .init("far")],
        links: [
            .init(
                .init("near", "eth0", ["10.1.0.1/24", "fd01::1/64"], index: TestCgrp2Sock.givenInterface),
                .init("far", "eth0", ["10.1.0.2/24", "fd01::2/64"])
            )
        ]
    )

    init(_ arena: borrowing Arena) throws {
        let loaded = try arena.loadInstructions(parameters: [Int64(TestCgrp2Sock.givenInterface)])
        let network = try Self.topology.build()
        let above = arena.cgroup.child("above")
        let own = above.child("own")
        cgroups = [.above: above, .own: own, .beside: above.child("beside"), .below: own.child("below")]
        for place in [TestCgrp2Sock.Step.Place.above, .own, .beside, .below] { try cgroups[place]?.create() }
        try own.enter()
        for family in SocketKind.Family.allCases {
            listeners[family] = Box(try network.inside("far") { try Self.listener(family) })
            clients[family] = try TestCgrp2Sock.steps.map { _ in
                Box(try network.inside("far") { try InternetSocket(SocketKind(family, .stream, 0)) })
            }
        }
        old = Box(try network.inside("near") { try InternetSocket(SocketKind(.inet, .stream, 0)) })
        self.loaded = loaded
        self.network = network
    }

    private static func listener(_ family: SocketKind.Family) throws -> InternetSocket {
        let socket = try InternetSocket(SocketKind(family, .stream, 0))
        try socket.bind(to: family == .inet ? .v4(IPv4Address(0, 0, 0, 0)) : .v6(IPv6Address(0, 0, 0, 0, 0, 0, 0, 0)))
        try socket.listen()
        return socket
    }

    private static func address(_ host: UInt8, _ family: SocketKind.Family) -> InternetAddress {
        family == .inet
            ? .v4(IPv4Address(10, 1, 0, host)) : .v6(IPv6Address(0xfd01, 0, 0, 0, 0, 0, 0, UInt16(host)))
    }

    /// Attaches what a step says in place of what is attached.
    func attach(_ step: TestCgrp2Sock.Step) throws {
        let type = AttachType.cgroupSocketCreation
        if let current, current.program != nil, current.place != step.place || step.program == nil,
            let cgroup = cgroups[current.place]
        {
            try CgroupAttachment.detach(from: cgroup, type)
        }
        if let program = step.program, let cgroup = cgroups[step.place] {
            try CgroupAttachment.attach(try loaded.program(program).descriptor, to: cgroup, type)
        }
        current = step
    }

    /// Makes sockets of every kind, and says what options they have.
    func look() throws -> Tallies {
        var found: Tallies = [:]
        func note(_ title: String, _ options: SocketOptions) {
            found.add("\(title): device \(options.interface), mark \(options.mark), priority \(options.priority)")
        }
        note("not of the cgroup", try old.socket.options())
        do {
            try look(note)
        } catch let error as SystemCallError where error.answer == "EPERM" {
            found.add("refused: \(error)")
        }
        return found
    }

    /// Makes sockets until the program refuses one, which it never ought to.
    private func look(_ note: (String, SocketOptions) -> Void) throws {
        try network.inside("near") {
            for kind in Self.kinds { note("made by the process", try InternetSocket(kind).options()) }
            // The thread is in the namespace and the cgroup of the one that starts it.
            let foreign = try WorkThread.run(asUser: TestCgrp2Sock.stranger) {
                try Self.kinds.map { try InternetSocket($0).options() }
            }
            for options in foreign { note("made by a stranger", options) }
            for options in try SocketOptions.ofOtherFamilies() { note("not of the cgroup", options) }
        }
        for family in SocketKind.Family.allCases {
            guard let outside = listeners[family], let inward = clients[family]?.popLast() else { continue }
            let inner = try network.inside("near") { try Self.listener(family) }
            try inward.socket.connect(to: Self.address(1, family), port: try inner.port())
            note("not of the cgroup", try inward.socket.options())
            note("made by the process", try inner.options())
            if let accepted = try inner.accept() { note("accepted of one that listens", try accepted.options()) }
            let outward = try network.inside("near") { try InternetSocket(SocketKind(family, .stream, 0)) }
            try outward.connect(to: Self.address(2, family), port: try outside.socket.port())
            note("made by the process", try outward.options())
            if let accepted = try outside.socket.accept() { note("not of the cgroup", try accepted.options()) }
        }
    }
}
