import CLinux
import Glibc
import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Prints a line into the trace buffer for each packet that a device called `lo…` receives.
struct Tracex1: Sample {
    struct Observation: Codable, Equatable {
        /// The function that the program was attached to, as this kernel calls it.
        var functions: [String] = []
        /// The payloads of the echo requests, in the order of their rounds.
        var payloads: [Int] = []
        /// How many requests of each round were answered.
        var answered: [Int] = []
        /// The bytes of the packets that other devices received, by the device's name: each a length of its own.
        var devices: [String: Int] = [:]
        /// The bytes of packets on lo that are longer than 16 bits can say.
        var longest = 0
        /// The socket buffers that the kernel gave up meanwhile, as it prints their addresses.
        var freed: Set<String> = []
        /// How many of them arrived.
        var received: [String: Int] = [:]
        /// The lines that own packets caused, in their order.
        var lines: [PacketLine] = []
        /// Lines that this thread caused and that say nothing of a packet.
        var unreadable: [String] = []
        /// Requests that were answered after the program was detached.
        var answeredDetached = 0
        /// Lines that own packets caused after that.
        var linesDetached = 0
    }

    static let manifest = Manifest(
        summary: "a kprobe on the receive path prints a trace line for each packet on lo",
        oracle:
            "20 echo requests of 56 bytes, 10 of an unusual size, 3 each of about 1300 and 60000 bytes and 4 of hardly any over a quiet lo cause exactly two lines "
            + "each, 40 of them 'len 84', 4 packets on each of eight other devices one line each if the device's name begins with 'lo', and "
            + "there is no other line of this thread's; every line names a socket buffer, a reply another one than its request, which "
            + "still exists; 5 requests after detaching cause none. The lines are seen as they are printed, not read from the machine's trace buffer",
        kernSources: ["samples/bpf/tracex1_kern.c"],
        programTypes: ["KPROBE"],
        needs: .kprobes + .eventBuffers + .veth + [
            "CONFIG_INET", "CONFIG_DEBUG_INFO_BTF",
            // The tracepoint in bpf_trace_printk().
            // and test runs with arguments.
            "kernel>=5.10", "helper:bpf_probe_read_kernel_str",
        ],
        oldestTree: Manifest.OldestTree(
            KernelVersion(5, 15),
            otherwise:
                "takes an argument of __netif_receive_skb_core for the packet, which is a pointer to that from Linux 5.6 on"
        )
    )

    /// Requests in each round.
    static let counts = [20, 10, 3, 3, 4]
    /// The payload of ping(8), by which upstream's documentation counts.
    static let usualPayload = 56
    /// Devices that share letters with lo; the program looks at two of them.
    static let pairs = [("lo7", "eth9"), ("xlo", "l0"), ("lO", "Lo"), ("olo", "l")]
    /// Packets on each of them.
    static let packets = 4
    /// Requests after detaching.
    static let countDetached = 5
    /// The bytes of IPv4 and ICMP before an echo's payload; the frame's header is no longer in the buffer's length.
    static let headers = 28

    func observe(in arena: borrowing Arena) throws -> Observation {
        try ProcessNumbers.requireInitialNamespace()
        let prints = try arena.recordPrints()
        let traffic = try LoopbackTraffic()
        let object = try arena.loadObject()
        var seen = Observation()
        // Nobody else's echo requests have this size at the same time.
        let own = Int(getpid())
        seen.payloads = [Self.usualPayload, 301 + own % 600, 1201 + own % 200, 60_000 + own % 600, own % 21]
        let pairs = try Self.pairs.map { try VethPair($0) }
        for (index, interface) in pairs.flatMap({ [$0.near, $0.far] }).enumerated() {
            seen.devices[interface.name] = 100 + 20 * index + own % 20
        }
        // A packet socket of Linux 6.1 sends no more than 17 pages.
        seen.longest = 66_000 + own % 500
        let printer = try PointerPrinter()
        let freeings = try ["consume_skb", "kfree_skb"].map { Box(try TracepointRecorder($0, arguments: 1)) }
        let probe = try arena.attachProbe("bpf_prog1", of: object)
        seen.functions = probe.functions
        let reader = PacketLine.Reader(
            lengths: Set(seen.payloads.map { $0 + Self.headers } + seen.devices.values + [seen.longest]),
            thread: lx_gettid()
        )
        try arena.stimulate {
            for (payload, count) in zip(seen.payloads, Self.counts) {
                seen.answered.append(try traffic.echo(count: count, payload: payload))
            }
            try Self.sendLongest(seen.longest)
            for pair in pairs {
                for (from, to) in [(pair.far, pair.near), (pair.near, pair.far)] {
                    seen.received[to.name] = try Self.send(from, to, bytes: seen.devices[to.name] ?? 0)
                }
            }
        }
        (seen.lines, seen.unreadable) = reader.read(try prints.take().lines)
        for box in freeings {
            let addresses = Set(try box.recorder.take().firings.map(\.first)).sorted()
            seen.freed.formUnion(try printer.texts(of: addresses, prints))
        }
        probe.detach()
        try arena.stimulate {
            seen.answeredDetached = try traffic.echo(count: Self.countDetached, payload: Self.usualPayload)
        }
        let late = reader.read(try prints.take().lines)
        seen.linesDetached = late.lines.count + late.unreadable.count
        return seen
    }

    /// Sends packets to a device; returns how many it received.
    private static func send(_ from: Interface, _ to: Interface, bytes: Int) throws -> Int {
        let eye = try PacketSocket(on: to)
        let sender = try PacketSocket(on: from)
        let (source, destination) = (EthernetFrame.sender, EthernetFrame.receiver)
        let payload = [UInt8](repeating: 0x6c, count: bytes)
        let frame = EthernetFrame.make(from: source, to: destination, type: 0x88b6, payload)
        for _ in 0..<packets { try sender.send(frame) }
        // A packet socket is given a packet after the program.
        return try eye.frames(atLeast: packets, where: { !$0.isOutgoing }).count { !$0.isOutgoing && $0.bytes == frame }
    }

    private final class Box {
        let recorder: TracepointRecorder

        init(_ recorder: consuming TracepointRecorder) { self.recorder = recorder }
    }

    /// Sends packets over lo that nobody takes, longer than any of IPv4.
    private static func sendLongest(_ bytes: Int) throws {
        let loopback = try Interface(named: "lo")
        var route = try RouteSocket()
        try route.setMTU(UInt32(bytes + 1000), of: loopback)
        let frame = EthernetFrame.make(
            from: EthernetFrame.sender,
            to: EthernetFrame.receiver,
            type: 0x88b6,
            [UInt8](repeating: 0x6c, count: bytes)
        )
        let sender = try PacketSocket(on: loopback)
        for _ in 0..<packets { try sender.send(frame) }
    }

    func judge(_ seen: Observation) -> Judgement {
        var checks: [Check] = [
            .equal("echo requests answered", expected: Self.counts, observed: seen.answered)
        ]
        for (payload, count) in zip(seen.payloads, Self.counts) {
            let length = payload + Self.headers
            let lines = seen.lines.count { $0.length == length }
            checks.append(.equal("lines 'len \(length)'", expected: 2 * count, observed: lines))
        }
        for (near, far) in Self.pairs {
            for name in [near, far] {
                let lines = seen.lines.count { $0.length == seen.devices[name] }
                checks += [
                    .equal("packets that \(name) received", expected: Self.packets, observed: seen.received[name] ?? 0),
                    .equal(
                        "lines of packets on \(name)",
                        expected: name.hasPrefix("lo") ? Self.packets : 0,
                        observed: lines
                    ),
                ]
            }
        }
        checks.append(
            .equal(
                "lines of packets on lo of more than 65535 bytes",
                expected: Self.packets,
                observed: seen.lines.count { $0.length == seen.longest }
            )
        )
        let echoes = Set(seen.payloads.map { $0 + Self.headers })
        let lengths = echoes.union(seen.devices.values).union([seen.longest])
        checks += [
            .equal(
                "own lines of other lengths",
                expected: [],
                observed: seen.lines.filter { !lengths.contains($0.length) }.map(\.length)
            ),
            .equal("own lines that name no packet", expected: [], observed: seen.unreadable),
            .equal("lines without a socket buffer", expected: 0, observed: seen.lines.count { $0.isNull }),
        ]
        var notReached: [String] = []
        if seen.lines.contains(where: { $0.buffer == nil }) {
            notReached.append("the socket buffers' numbers, which this kernel does not print yet (____ptrval____)")
        } else {
            // The reply is made while the request is still being received.
            let lines = seen.lines.filter { echoes.contains($0.length) }
            let pairs = stride(from: 0, to: lines.count - 1, by: 2).count { index in
                let (request, reply) = (lines[index], lines[index + 1])
                return request.length == reply.length && request.buffer != reply.buffer
            }
            checks.append(
                .equal(
                    "requests whose reply is in another socket buffer",
                    expected: Self.counts.reduce(0, +),
                    observed: pairs
                )
            )
            checks.append(
                .equal(
                    "lines of echoes with another number than that of a buffer which was freed then",
                    expected: 0,
                    observed: lines.count { !seen.freed.contains($0.buffer ?? "") }
                )
            )
        }
        checks += [
            .equal("requests answered after detaching", expected: Self.countDetached, observed: seen.answeredDetached),
            .equal("lines after detaching", expected: 0, observed: seen.linesDetached),
        ]
        return Judgement(checks, notReached: notReached)
    }
}
