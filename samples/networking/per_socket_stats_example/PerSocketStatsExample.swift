import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Counts packets and bytes for each socket, by its cookie, with the user that it belongs to.
///
/// Upstream hands the program to a rule of the packet filter (iptables), which sees the sockets of what goes out as well. Here it
/// stands before the sockets themselves, which needs none.
struct PerSocketStatsExample: SteppedSample {
    static let manifest = Manifest(
        summary: "a socket filter counts packets and bytes for each socket by its cookie, with its user",
        oracle:
            "datagrams of 0 to 65507 bytes to sockets of IPv4 and IPv6, of root and of another user, on each of up to four processors, "
            + "count under the receiver's cookie with its user, packets and bytes; frames at a packet socket under the cookie and with the "
            + "user of who sent them; what the socket sends, and what others receive, does not; counts pass 2^32, two processors at once lose "
            + "nothing, a full map keeps new sockets out and no packet from its receiver, who gets all of it",
        instructions: KernInstructions(
            maps: [.init("statistics", MapShape(.hash, value: 24, capacity: capacity))],
            programs: [.init("count", .socketFilter, filter)]
        ),
        programTypes: ["SOCKET_FILTER"],
        needs: .bpf + .veth + ["CONFIG_INET", "CONFIG_IPV6", "CONFIG_NET_NS", "kernel>=4.19"]
    )

    static let capacity: UInt32 = 100

    // An entry is the user, the packets and the bytes, in 8 bytes each; a packet's length is the context's first field.
    private static let filter: [Instruction] = [
        .move(.r6, .r1),
        .call(.socketCookie),
        .store(.r0, at: .r10, -8),
        .move(.r1, map: 0),
        .upperHalf(of: 0),
        .move(.r2, .r10),
        .add(.r2, -8),
        .call(.mapLookup),
        .jump(over: 15, if: .r0, .notEqual, 0),
        // A socket that was not seen yet.
        .move(.r1, .r6),
        .call(.socketUser),
        .store(.r0, at: .r10, -32),
        .store(1, at: .r10, -24),
        .load(.r1, from: .r6, 0, width: .word),
        .store(.r1, at: .r10, -16),
        .move(.r1, map: 0),
        .upperHalf(of: 0),
        .move(.r2, .r10),
        .add(.r2, -8),
        .move(.r3, .r10),
        .add(.r3, -32),
        .move(.r4, 0),
        .call(.mapUpdate),
        .jump(over: 4),
        // One that was.
        .move(.r1, 1),
        .atomicAdd(.r1, at: .r0, 8),
        .load(.r1, from: .r6, 0, width: .word),
        .atomicAdd(.r1, at: .r0, 16),
        // The whole packet is let through.
        .load(.r0, from: .r6, 0, width: .word),
        .exit,
    ]

    /// What is done before datagrams are sent.
    enum Step: String, CaseIterable, CustomStringConvertible, Sendable {
        case new = "sockets that were not seen yet"
        case known = "sockets that are known, past 2^32"
        case crowded = "all processors at once"
        case full = "a full map"

        var description: String { rawValue }
    }

    static let steps = Step.allCases
    /// A user who is nobody's, of 32 bits.
    static let stranger: UInt32 = 0xf1e2_d3c4
    /// Another, whose sockets send.
    static let sender: UInt32 = 0x8796_a5b4
    /// How many datagrams each processor sends where all send at once; the queue of what comes in takes 1000.
    static let crowd = 400

    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2]]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        let processors = facts[SenderProcessors.fact]
        var found: Tallies = [:]
        func count(_ name: String, _ packets: Int, _ bytes: Int) {
            found.add("\(name): packets", packets)
            found.add("\(name): bytes", bytes)
        }
        if step == .crowded {
            count("inet", crowd * processors, crowd * processors * 8)
            count("packet socket", crowd * processors, crowd * processors * (14 + 20 + 8))
        }
        for flow in CookieFlow.all where step != .crowded {
            let packets = flow.payloads.count * processors
            if flow.comesIn { found.add("received whole", packets) }
            if flow.isCaptured {
                count("packet socket", packets, flow.frameBytes * processors)
                found.add("frames whole", packets)
            }
            // The program stands before those that receive, and a full map takes no socket that is new.
            guard flow.comesIn, flow.socket.isFiltered, !(flow.socket == .late && step == .full) else { continue }
            count("\(flow.socket)", packets, flow.datagramBytes * processors)
        }
        // Who was not seen before is entered with its user; those who were keep what stands there.
        let own = facts[CookieFlow.user]
        let users = step == .new ? [own, Int(stranger), Int(sender), own] : [1, 2, 3, 4]
        for (name, user) in zip(["inet", "inet6", "packet socket", "late"], users)
        where !(name == "late" && step == .full) {
            found.add("\(name): user \(user)")
        }
        return found
    }

    func prepare(in arena: borrowing Arena) throws -> CookieBench { try CookieBench(arena) }

    func facts(on bench: CookieBench, in arena: borrowing Arena) throws -> Tallies {
        [CookieFlow.user: Int(ProcessNumbers.user)] + (try SenderProcessors.count())
    }

    func perform(_ step: Step, on bench: CookieBench, in arena: borrowing Arena) throws -> Tallies {
        let before = try bench.prepareEntries(step)
        var found: Tallies = [:]
        try arena.stimulate {
            if step == .crowded {
                try bench.crowd(Self.crowd)
            } else {
                try SenderProcessors.each { _, _ in
                    found = found + (try bench.exchange())
                    SenderProcessors.settle()
                }
            }
        }
        let awaited = arena.isControl ? [:] : try Self.expected(step, SenderProcessors.count())
        return found + (try bench.entries(step, since: before, atLeast: awaited))
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }
}
