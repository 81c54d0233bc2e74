import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// A route's program that counts the packets which leave by the route, by the binary logarithm of their lengths.
///
/// The program's branch for packets longer than 65535 bytes is not reached: no packet of a route is.
struct LwtLenHist: SteppedSample {
    static let manifest = Manifest(
        summary: "a route's program counts outgoing packets by the logarithm of their lengths, in a per-CPU hash",
        oracle:
            "packets of IPv4 and IPv6, as long as each power of two and one byte shorter, count on the processor that sent them and "
            + "nowhere else, and arrive unchanged; one that is cut into fragments afterwards counts once; those of other routes do not; counts are exact beyond 2^32 too",
        kernSources: ["samples/bpf/lwt_len_hist_kern.c"],
        programTypes: ["LWT_OUT"],
        needs: .routePrograms + .veth + ["CONFIG_INET", "CONFIG_IPV6", "CONFIG_NET_NS"],
        timeout: .seconds(20)
    )

    /// Packets of some lengths to one address.
    struct Step: CustomStringConvertible, Sendable {
        var description: String
        var target: InternetAddress
        /// Whether the target's route has the program.
        var isCounted = true
        /// Lengths of packets, IP headers included, each with how many the first processor sends.
        var lengths: [(bytes: Int, count: Int)]
        /// What the counts begin at; at 0 the histogram is empty.
        var start = 0
        /// Whether they are sent as datagrams, over a link that is too narrow for them.
        var isCut = false
    }

    static let steps = [
        Step(description: "IPv4 of every size", target: .v4(IPv4Address(10, 9, 0, 1)), lengths: boundaries(from: 20)),
        Step(description: "IPv6 of every size", target: v6(9), lengths: boundaries(from: 40)),
        Step(
            description: "beyond 32 bits",
            target: .v4(IPv4Address(10, 9, 0, 1)),
            lengths: [(64, 3), (1000, 2)],
            start: 1 << 32 - 1
        ),
        Step(
            description: "datagrams of IPv4 in fragments",
            target: .v4(IPv4Address(10, 8, 0, 1)),
            lengths: [(4028, 3)],
            isCut: true
        ),
        Step(description: "datagrams of IPv6 in fragments", target: v6(8), lengths: [(4096, 2)], isCut: true),
        Step(
            description: "a route without the program",
            target: .v4(IPv4Address(10, 7, 0, 1)),
            isCounted: false,
            lengths: [(100, 7), (1000, 2)]
        ),
        Step(description: "a route of IPv6 without it", target: v6(7), isCounted: false, lengths: [(100, 4)]),
    ]

    /// Both sides of each boundary between two keys of the histogram, and the ends of the range.
    private static func boundaries(from shortest: Int) -> [(bytes: Int, count: Int)] {
        let powers = (5...15).map { 1 << $0 }.filter { $0 - 1 > shortest }
        let lengths = [shortest] + powers.flatMap { [$0 - 1, $0] } + [65535]
        return lengths.enumerated().map { ($1, 1 + $0 % 5) }
    }

    private static func v6(_ net: UInt16) -> InternetAddress { .v6(IPv6Address(0xfd00 | net, 0, 0, 0, 0, 0, 0, 1)) }

    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 1], [SenderProcessors.fact: 4]]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        var all: Tallies = [:]
        for rank in 0..<facts[SenderProcessors.fact] {
            for (bytes, count) in step.lengths {
                let sent = count * (rank + 1)
                let key = Int.bitWidth - 1 - bytes.leadingZeroBitCount
                if step.isCounted { all.add("processor \(rank): 2^\(key)", sent) }
                let pieces = step.isCut ? pieces(of: bytes, step.target) : [bytes]
                for piece in pieces { all.add("arrived: \(piece) bytes", sent) }
            }
        }
        return all
    }

    /// The lengths of the fragments of a packet on a link of 1500 bytes, whose payloads are multiples of eight bytes.
    private static func pieces(of bytes: Int, _ target: InternetAddress) -> [Int] {
        let isV4 = if case .v4 = target { true } else { false }
        let (header, extra) = isV4 ? (20, 0) : (40, 8)
        let room = (1500 - header - extra) / 8 * 8
        return stride(from: 0, to: bytes - header, by: room).map { min(room, bytes - header - $0) + header + extra }
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        if step.start != 0 { try bench.begin(at: step.start) }
        var expected = 0
        var refused: Tallies = [:]
        try arena.stimulate {
            try SenderProcessors.each { _, rank in
                for (bytes, count) in step.lengths {
                    let pieces = step.isCut ? Self.pieces(of: bytes, step.target).count : 1
                    for _ in 0..<count * (rank + 1) {
                        // What a program drops is an error of the call.
                        do { try bench.send(bytes, step) } catch let error as SystemCallError {
                            refused.add("refused (\(error.errno)): \(bytes) bytes")
                            continue
                        }
                        expected += pieces
                    }
                }
                SenderProcessors.settle()
            }
        }
        return try bench.counts(since: step.start) + bench.arrivals(step, atLeast: expected) + refused
    }
}
