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
            "20 echo requests of 56 bytes and 10 of an unusual size over a quiet lo cause exactly two lines each, 40 of them 'len 84', "
            + "and no other line of this thread's; every line names a socket buffer, a reply another one than its request, which "
            + "still exists; 5 requests after detaching cause none. The lines are seen as they are printed, not read from the machine's trace buffer",
        kernSources: ["samples/bpf/tracex1_kern.c"],
        programTypes: ["KPROBE"],
        needs: .kprobes + .eventBuffers + [
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
    static let counts = [20, 10]
    /// The payload of ping(8), by which upstream's documentation counts.
    static let usualPayload = 56
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
        seen.payloads = [Self.usualPayload, 301 + Int(getpid()) % 600]
        let probe = try arena.attachProbe("bpf_prog1", of: object)
        seen.functions = probe.functions
        let own = PacketLine.Reader(lengths: Set(seen.payloads.map { $0 + Self.headers }), thread: lx_gettid())
        try arena.stimulate {
            for (payload, count) in zip(seen.payloads, Self.counts) {
                seen.answered.append(try traffic.echo(count: count, payload: payload))
            }
        }
        (seen.lines, seen.unreadable) = own.read(try prints.take().lines)
        probe.detach()
        try arena.stimulate {
            seen.answeredDetached = try traffic.echo(count: Self.countDetached, payload: Self.usualPayload)
        }
        let late = own.read(try prints.take().lines)
        seen.linesDetached = late.lines.count + late.unreadable.count
        return seen
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
        let lengths = Set(seen.payloads.map { $0 + Self.headers })
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
            let pairs = stride(from: 0, to: seen.lines.count - 1, by: 2).count { index in
                let (request, reply) = (seen.lines[index], seen.lines[index + 1])
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

extension Tracex1 {
    static let examples: [Example<Observation>] = [
        .accepted("two lines an echo", seen()),
        .accepted("numbers of buffers not printed yet", seen { $0.lines = lines(buffers: [nil]) }),
        .rejected("nothing sent", Observation()),
        .rejected("never ran", seen { $0.lines = [] }),
        .rejected("requests only", seen { $0.lines = lines(step: 2) }),
        .rejected("one line missing", seen { $0.lines.removeLast() }),
        .rejected("a line twice", seen { $0.lines.append($0.lines[0]) }),
        .rejected("a wrong length", seen { $0.lines[7].length = 85 }),
        .rejected("the frame's length", seen { for index in $0.lines.indices { $0.lines[index].length += 14 } }),
        .rejected("a packet of no length", seen { $0.lines.append(PacketLine(length: 0, buffer: "00000000aabbccdd")) }),
        .rejected("no socket buffer", seen { $0.lines = lines(buffers: ["0000000000000000"]) }),
        .rejected("the same buffer everywhere", seen { $0.lines = lines(buffers: ["00000000aabbccdd"]) }),
        .rejected("something else printed", seen { $0.unreadable = ["skb 00000000aabbccdd"] }),
        .rejected("an echo unanswered", seen { $0.answered = [20, 9] }),
        .rejected("printed after detaching", seen { $0.linesDetached = 10 }),
        .rejected("no requests after detaching", seen { $0.answeredDetached = 0 }),
    ]

    private static func lines(
        step: Int = 1,
        buffers: [String?] = ["00000000aabbccdd", "0000000011223344"]
    ) -> [PacketLine] {
        let lengths = Array(repeating: 84, count: 40) + Array(repeating: 529, count: 20)
        return stride(from: 0, to: lengths.count, by: step).map { index in
            PacketLine(length: lengths[index], buffer: buffers[index % buffers.count])
        }
    }

    private static func seen(_ change: (inout Observation) -> Void = { _ in }) -> Observation {
        var seen = Observation(
            functions: ["__netif_receive_skb_core.constprop.0"],
            payloads: [56, 501],
            answered: [20, 10],
            lines: lines(),
            answeredDetached: 5
        )
        change(&seen)
        return seen
    }
}
