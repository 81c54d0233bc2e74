import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Hands a number from an XDP program to one of traffic control, in front of the packet, which makes it the packet's mark.
///
/// A veth leaves room in front of each packet, so the XDP program is run without a device to be handed packets without (Linux 5.15).
struct Xdp2skbMeta: SteppedSample {
    static let manifest = Manifest(
        summary:
            "an XDP program puts a number in front of each packet, and one of traffic control makes it the packet's mark",
        oracle:
            "on a veth, in generic and in native mode, on each of up to four processors, frames of every kind, of 14 to 1514 bytes, sent with a "
            + "mark arrive once and unchanged with mark 42 where both programs run, with another number where another program puts that in "
            + "front of them, with 41 where that of traffic control runs alone, and with the sender's where it does not run; no filter "
            + "behind it sees them; the programs' answers without a device are to pass, with the "
            + "number in front of the packet, and that of XDP gives up where there is no room for it",
        kernSources: ["samples/bpf/xdp2skb_meta_kern.c"],
        programTypes: ["XDP", "SCHED_CLS"],
        needs: .xdp + .trafficControl,
        timeout: .seconds(20)
    )

    /// Which of the programs run.
    enum Step: Sendable, Hashable, CustomStringConvertible {
        case programs(xdp: BPFProgram.XDPMode?, classifier: Bool)
        /// That of traffic control behind one of XDP that is not the object's.
        case foreign(BPFProgram.XDPMode)
        case alone
        /// XDP without a device, with other numbers in front of the packet already.
        case behindOthers

        var description: String {
            switch self {
            case .programs(nil, false): "no program"
            case .programs(nil, true): "traffic control alone"
            case .programs(let mode?, false): "XDP alone, \(mode)"
            case .programs(let mode?, true): "both, \(mode)"
            case .foreign(let mode): "another number, \(mode)"
            case .alone: "without a device"
            case .behindOthers: "without a device, behind other numbers"
            }
        }
    }

    static let steps: [Step] =
        ([nil, .generic, .native] as [BPFProgram.XDPMode?]).flatMap { mode in
            [false, true].map { .programs(xdp: mode, classifier: $0) }
        } + BPFProgram.XDPMode.allCases.map { .foreign($0) } + [.alone, .behindOthers]
    static let countsTried = 2
    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2, contextsFact: 1], [SenderProcessors.fact: 2]]
    /// Whether the kernel runs a program with numbers in front of a packet and without a device.
    static let contextsFact = "contexts"

    /// The mark that frames are sent with.
    static let sent: UInt32 = 0x0bad_cafe
    /// The number that another program puts in front of them.
    static let other: UInt32 = 0x8123_4567

    static let moreExamples: [Example<SteppedObservation>] = {
        let right = expected([SenderProcessors.fact: 2, contextsFact: 1])
        let both = "\(Step.programs(xdp: .native, classifier: true))"
        let marked = { (mark: String) in
            var other = right
            let counts = right.steps[both]?.counts.map { ($0.key.replacing("mark 42", with: mark), $0.value) } ?? []
            other.steps[both] = Tallies(Dictionary(uniqueKeysWithValues: counts))
            return other
        }
        return [
            .rejected("the number not found by traffic control", marked("mark 41")),
            .rejected("the number not made a mark", marked("mark \(sent)")),
            .rejected("a number with its bytes swapped", marked("another mark")),
            .rejected("no mark", marked("mark 0")),
        ]
    }()

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        switch step {
        case .alone:
            // XDP_PASS is 2, TC_ACT_OK 0.
            return ["XDP answers 2": Frame.whole.count, "traffic control answers 0": Frame.whole.count]
        case .behindOthers:
            let count = Frame.whole.count * facts[contextsFact]
            return ["42 in front of 0": count, "42 in front of 28": count, "gave up": count]
        case .programs(let xdp, let classifier):
            return arrivals(classifier ? (xdp == nil ? 41 : 42) : sent, facts)
        case .foreign: return arrivals(other, facts)
        }
    }

    private static func arrivals(_ mark: UInt32, _ facts: Tallies) -> Tallies {
        let frames = Tallies(Dictionary(uniqueKeysWithValues: Frame.all.map { ("mark \(mark): \($0.title)", 1) }))
        return frames * SenderProcessors.passes(facts)
    }

    static func notReached(_ facts: Tallies) -> [String] {
        let contexts = facts[contextsFact] == 0 ? ["no room in front of a packet, which needs Linux 5.15"] : []
        return SenderProcessors.notReached(facts) + contexts
    }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        try SenderProcessors.count() + [Self.contextsFact: Bench.knowsContexts ? 1 : 0]
    }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        switch step {
        case .alone: try bench.runAlone(in: arena)
        case .behindOthers: try bench.runBehindOthers(in: arena)
        case .programs(let xdp, let classifier): try bench.expose(to: xdp, classifier, in: arena)
        case .foreign(let mode): try bench.expose(to: mode, true, isForeign: true, in: arena)
        }
    }
}
