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
            "20 echo requests of 56 bytes, 10 of an unusual size and 3 each of about 1300 and 60000 bytes over a quiet lo cause exactly two lines "
            + "each, 40 of them 'len 84', 4 packets on each of eight other devices one line each if the device's name begins with 'lo', and "
            + "there is no other line of this thread's; every line names a socket buffer, a reply another one than its request, which "
            + "still exists; 5 requests after detaching cause none. The lines are seen as they are printed, not read from the machine's trace buffer",
        kernSources: ["samples/bpf/tracex1_kern.c"],
        programTypes: ["KPROBE"],
        needs: .kprobes + .eventBuffers + .veth + [
            "CONFIG_INET", "CONFIG_DEBUG_INFO_BTF",
            // The tracepoint in bpf_trace_printk().
            "kernel>=5.9", "helper:bpf_probe_read_kernel_str",
        ],
        oldestTree: Manifest.OldestTree(
            KernelVersion(5, 15),
            otherwise:
                "takes an argument of __netif_receive_skb_core for the packet, which is a pointer to that from Linux 5.6 on"
        )
    )

    /// Requests in each round.
    static let counts = [20, 10, 3, 3]
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
        seen.payloads = [Self.usualPayload, 301 + own % 600, 1201 + own % 200, 60_000 + own % 600]
        let pairs = try Self.pairs.map { try VethPair($0) }
        for (index, interface) in pairs.flatMap({ [$0.near, $0.far] }).enumerated() {
            seen.devices[interface.name] = 100 + 20 * index + own % 20
        }
        let probe = try arena.attachProbe("bpf_prog1", of: object)
        seen.functions = probe.functions
        let reader = PacketLine.Reader(
            lengths: Set(seen.payloads.map { $0 + Self.headers } + seen.devices.values),
            thread: lx_gettid()
        )
        try arena.stimulate {
            for (payload, count) in zip(seen.payloads, Self.counts) {
                seen.answered.append(try traffic.echo(count: count, payload: payload))
            }
            for pair in pairs {
                for (from, to) in [(pair.far, pair.near), (pair.near, pair.far)] {
                    seen.received[to.name] = try Self.send(from, to, bytes: seen.devices[to.name] ?? 0)
                }
            }
        }
        (seen.lines, seen.unreadable) = reader.read(try prints.take().lines)
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
        let echoes = Set(seen.payloads.map { $0 + Self.headers })
        let lengths = echoes.union(seen.devices.values)
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
        }
        checks += [
            .equal("requests answered after detaching", expected: Self.countDetached, observed: seen.answeredDetached),
            .equal("lines after detaching", expected: 0, observed: seen.linesDetached),
        ]
        return Judgement(checks, notReached: notReached)
    }
}
