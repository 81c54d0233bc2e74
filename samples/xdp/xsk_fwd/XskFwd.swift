import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Forwards frames between AF_XDP sockets of several interfaces and queues, whose memory is one.
///
/// Upstream has no kern half of its own: libbpf before 1.0 attaches a program to each interface that it opens a socket on. Upstream took
/// the sample out in Linux 6.0.
struct XskFwd: SteppedSample {
    static let manifest = Manifest(
        summary:
            "threads forward frames between AF_XDP sockets of several interfaces and queues, which share one memory",
        oracle:
            "on veths, in generic and in native mode, frames of 14 bytes to the longest that a chunk takes, sent on each of up to four processors, "
            + "more than there are chunks, come out at the partner of the interface and queue that they came in at, and nowhere else, whole, in "
            + "their order, with their addresses exchanged, both ways at once, by one thread and by two that take chunks from one "
            + "pool; in the end each chunk is accounted for once; frames pass on an interface without a socket, and on a queue without one",
        instructions: KernInstructions(
            maps: [.init("xsks_map", MapShape(.socketMap, value: 4, capacity: 2))],
            programs: [
                .init(
                    "xdp_sock_prog",
                    .xdp,
                    [
                        // rx_queue_index.
                        .load(.r2, from: .r1, 16, width: .word),
                        .move(.r1, map: 0),
                        .upperHalf(of: 0),
                        // XDP_PASS where the map has no socket.
                        .move(.r3, 2),
                        .call(.redirectByMap),
                        .exit,
                    ]
                )
            ]
        ),
        programTypes: ["XDP"],
        needs: .xdp + ["CONFIG_XDP_SOCKETS", "CONFIG_NET_NS", "kernel>=5.10"],
        timeout: .seconds(60)
    )

    static let rings = XDPSocket.Rings(receive: 64, send: 64, chunks: 64)
    /// How many chunks there are: those that six ports give to the kernel, and some for the pool.
    static let chunks = 1024
    /// How many chunks a port takes from the pool at a time.
    static let slab = 32

    /// An interface and one of its queues, such as `a` or `q1`.
    struct Place: Sendable, Hashable, CustomStringConvertible {
        var link: String
        var queue: Int
        var description: String { link == "q" ? "q\(queue)" : link }

        init(_ name: String) {
            link = String(name.prefix(1))
            queue = name.hasSuffix("1") ? 1 : 0
        }
    }

    /// What is forwarded.
    enum Work: String, CaseIterable {
        case pair = "two interfaces, one thread"
        case threads = "four interfaces, two threads"
        case queues = "two queues of an interface, two threads"
        case halfQueues = "a queue without a socket"
        case without = "interfaces without sockets"

        /// The partners, those of each thread.
        var threads: [[(Place, Place)]] {
            switch self {
            case .pair: [[(Place("a"), Place("b"))]]
            case .threads: [[(Place("a"), Place("b"))], [(Place("c"), Place("d"))]]
            case .queues: [[(Place("q0"), Place("a"))], [(Place("q1"), Place("b"))]]
            case .halfQueues: [[(Place("q0"), Place("a"))]]
            case .without: []
            }
        }
        /// The interfaces that have the program.
        var links: [String] {
            switch self {
            case .pair, .without: ["a", "b"]
            case .threads: ["a", "b", "c", "d"]
            case .queues: ["a", "b", "q"]
            case .halfQueues: ["a", "q"]
            }
        }
        /// Where frames are sent to, each with the place that they must come out at; `nil` where they must pass.
        var flows: [(from: Place, to: Place?)] {
            let forwarded = threads.flatMap(\.self).flatMap {
                [(from: $0.0, to: $0.1 as Place?), (from: $0.1, to: $0.0)]
            }
            switch self {
            case .halfQueues: return forwarded + [(from: Place("q1"), to: nil)]
            case .without: return [(from: Place("a"), to: nil), (from: Place("b"), to: nil)]
            default: return forwarded
            }
        }
    }

    /// Some work in a mode.
    struct Step: CustomStringConvertible, Sendable {
        var work: Work
        var mode: BPFProgram.XDPMode

        var description: String { "\(work.rawValue), \(mode.rawValue)" }
    }

    /// In generic mode the queue of a frame from a veth is not that which it was sent on, or is, as the kernel's version has it.
    static let steps = BPFProgram.XDPMode.allCases.flatMap { mode in
        Work.allCases.filter { mode == .native || $0 != .queues && $0 != .halfQueues }.map {
            Step(work: $0, mode: mode)
        }
    }

    /// How many frames of a flow are under way at a time, and how often.
    static let burst = 32
    static let bursts = 4

    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2]]

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }

    static func name(_ flow: (from: Place, to: Place?)) -> String {
        "\(flow.from) \(flow.to.map { "to \($0)" } ?? "passed"): frames as sent"
    }

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        var found: Tallies = [
            "chunks accounted for": chunks, "frames that pass without it": 2 * step.work.links.count,
        ]
        for flow in step.work.flows { found.add(name(flow), burst * bursts * max(0, facts[SenderProcessors.fact])) }
        return found
    }

    /// A frame of a flow.
    static func frame(_ flow: Int, _ number: Int) -> [UInt8] {
        let lengths = [14, 15, 60, 64, 700, 1514, 1791, 1792]
        let length = lengths[number % lengths.count]
        let mark = (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * (3 - $0))) }
        let start = (number + flow) % 251
        let payload = Array((mark + pattern[start..<start + length]).prefix(length - 14))
        return EthernetFrame.make(from: EthernetFrame.sender, to: EthernetFrame.receiver, type: type(flow), payload)
    }

    private static let pattern = (0..<4096).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 >> 8) }

    /// The EtherType of a flow's frames, which no kernel knows.
    static func type(_ flow: Int) -> UInt16 { 0x7000 + UInt16(flow) }

    /// The same frame with its addresses exchanged.
    static func swapped(_ frame: [UInt8]) -> [UInt8] { Array(frame[6..<12] + frame[0..<6] + frame[12...]) }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        try bench.perform(step, in: arena)
    }
}
