import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Routes IPv4 by tables of prefixes, neighbours and single destinations, which the user half fills.
///
/// It is no whole router: lifetime and checksum stay as they are, and nothing is read of a header but its destination.
struct XdpRouterIpv4: SteppedSample {
    static let manifest = Manifest(
        summary:
            "an XDP program routes IPv4 by a trie of prefixes, a table of neighbours and one of single destinations",
        oracle:
            "in generic and in native mode, on each of up to four processors, each frame leaves once by the port of its destination, or else of "
            + "the longest of its prefixes of 0 to 32 bits, with the hardware addresses of that entry and its neighbour and no other byte "
            + "changed, also out of full tables and after entries were removed; the stack gets ARP and what has a gateway that nobody knows, "
            + "unchanged; nobody gets anything else; the counters, those of the kernel's tracepoints among them, are exact beyond 2^32 too",
        kernSources: ["samples/bpf/xdp_router_ipv4.bpf.c"],
        programTypes: ["XDP", "TRACING"],
        needs: .redirects,
        oldestTree: Manifest.OldestTree(
            KernelVersion(6, 0),
            otherwise: "has a program of another form, with counters by protocol"
        ),
        timeout: .seconds(20)
    )

    enum Step: String, CaseIterable, CustomStringConvertible {
        case empty = "empty tables, generic"
        case kindsGeneric = "frames of every kind, generic"
        case prefixesGeneric = "prefixes of every length, generic"
        case tablesGeneric = "entries of every kind, generic"
        case longGeneric = "long frames, generic"
        case removed = "entries that were removed, generic"
        case kinds = "frames of every kind, native"
        case prefixes = "prefixes of every length, native"
        case tables = "entries of every kind, native"
        case full = "every other entry of full tables, native"
        case long = "long frames, native"
        case burst = "forty frames at once"
        case aborting = "a program that gives up"
        // From here on the right stays down.
        case deaf = "a host that is down"
        case down = "a port that is down"
        case detached

        var description: String { rawValue }
        var mode: BPFProgram.XDPMode {
            switch self {
            case .empty, .kindsGeneric, .prefixesGeneric, .tablesGeneric, .longGeneric, .removed: .generic
            default: .native
            }
        }
        /// What the program finds in its maps.
        var tables: Tables {
            switch self {
            case .empty: Tables()
            case .removed: .reduced
            default: .full
            }
        }
        /// What is sent; the last of it arrives.
        var sent: [Sent] {
            switch self {
            case .empty: Sent.unrouted
            case .kindsGeneric, .kinds: Sent.kinds
            case .prefixesGeneric, .prefixes: Sent.prefixes
            case .tablesGeneric, .tables: Sent.entries
            case .longGeneric, .long: Sent.long
            case .removed: Sent.removed
            case .full: Sent.others
            case .burst: [Sent.plain.times(40)]
            case .deaf: [Sent.plain.ending(.deaf), Sent.request]
            case .down: [Sent.plain.ending(.down), Sent.request]
            case .aborting, .detached: []
            }
        }
    }

    static let steps = Step.allCases
    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2]]

    private static let expectations = RedirectExpectations(steps) { step, _ in frames(step) }

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies { expectations[step, facts] }

    static func notReached(_ facts: Tallies) -> [String] {
        SenderProcessors.notReached(facts) + [RedirectObject.deadEvents, RedirectObject.unusedEvents]
    }

    private static func frames(_ step: Step) -> [RedirectBench.Frame] {
        switch step {
        case .aborting: RedirectBench.lost(["exception ABORTED dropped": 1])
        case .detached: RedirectBench.passed
        default: step.sent.map { $0.frame(step.mode) }
        }
    }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        try bench.prepare(step)
        let program = try bench.object.loaded.program("xdp_router_ipv4_prog")
        return try bench.bench.send(Self.frames(step), counting: bench.object, receiver: program, in: arena)
    }
}
