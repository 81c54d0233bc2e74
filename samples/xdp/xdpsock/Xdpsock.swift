import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Hands frames to four AF_XDP sockets in turn, which drop them, send them back, or send others.
///
/// Upstream's user half has the three as its modes `rxdrop`, `l2fwd` and `txonly`. Upstream took the sample out in Linux 6.0; for
/// newer trees the program is written down here.
struct Xdpsock: SteppedSample {
    static let manifest = Manifest(
        summary:
            "an XDP program hands frames in turn to AF_XDP sockets, which receive them, send them back and send others",
        oracle:
            "on a veth, in generic and in native mode, on each of up to four processors, of four sockets that share memory each gets every fourth "
            + "frame, from the second socket on, whole and in its order, from 14 bytes to the longest that a chunk takes, in a chunk "
            + "that was given for it; longer ones, those without a chunk and those that a full ring has no room for are lost and "
            + "counted as such; where there is no socket, or one of another queue, frames are dropped and not passed; frames of up to a whole "
            + "chunk are sent when the kernel is asked and not before, each chunk comes back once, and what does not lie within a chunk is "
            + "refused and counted; frames with their addresses exchanged go back out of the chunks that they came in",
        kernSources: ["samples/bpf/xdpsock_kern.c"],
        instructions: inTurn,
        programTypes: ["XDP"],
        needs: .xdp + ["CONFIG_XDP_SOCKETS", "CONFIG_NET_NS"],
        oldestTree: Manifest.OldestTree(
            KernelVersion(5, 10),
            otherwise: "asks a map which queue it is for, and counts the turns of each processor for itself"
        ),
        timeout: .seconds(60)
    )

    /// What is done with the sockets.
    enum Work: String, CaseIterable {
        case lengths = "frames of every length"
        case many = "more frames than the rings hold"
        case starved = "frames without a chunk"
        case crowded = "frames that the rings have no room for"
        case gaps = "two sockets of four"
        case queues = "a socket of another queue"
        case strayChunks = "chunks that are none"
        case pages = "chunks of a page"
        case sending = "frames to send"
        case straySending = "frames to send that are none"
        case swapping = "frames sent back"
    }

    /// Some work in a mode.
    struct Step: CustomStringConvertible, Sendable {
        var work: Work
        var mode: BPFProgram.XDPMode

        var description: String { "\(work.rawValue), \(mode.rawValue)" }
    }

    /// In generic mode the queue of a frame from a veth is not that which it was sent on, or is, as the kernel's version has it.
    static let steps = BPFProgram.XDPMode.allCases.flatMap { mode in
        Work.allCases.filter { mode == .native || $0 != .queues }.map { Step(work: $0, mode: mode) }
    }
    static let countsTried = 1

    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2]]

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }

    /// What one processor's pass must give; each pass is of a multiple of four frames, so that the next begins where this one did.
    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        let processors = max(0, facts[SenderProcessors.fact])
        var pass: Tallies = [:]
        func arrive(_ name: String, _ turns: [Int]) {
            for turn in turns { pass.add("socket \(turn & 3): \(name)") }
        }
        let whole = "frames as sent"
        switch step.work {
        case .lengths:
            let sent = Frames.lengths.enumerated().map { (turn: $0.offset + 1, isTaken: $0.element <= Port.longest) }
            arrive(whole, sent.filter(\.isTaken).map(\.turn))
            arrive("dropped", sent.filter { !$0.isTaken }.map(\.turn))
            pass.add("readable sockets", 4)
        case .many: arrive(whole, Array(1...Frames.rounds * Frames.round))
        case .starved:
            arrive(whole, Array(1...Frames.fed))
            arrive("dropped", Array(Frames.fed + 1...Frames.fed + Frames.starved))
            pass.add("chunks missing", Frames.starved)
            arrive(whole, (1...4).map { Frames.fed + Frames.starved + $0 })
        case .crowded:
            arrive(whole, Array(1...Frames.round))
            arrive("without room", Array(1...Frames.surplus))
            arrive(whole, Array(1...Frames.surplus))
        case .gaps: arrive(whole, Array(1...8).filter { $0 % 2 == 0 })
        case .queues:
            arrive(whole, Array(1...Frames.onOther).filter { $0 & 3 == Port.other })
            arrive(whole, Array(Frames.onOther + 1...12).filter { $0 & 3 != Port.other })
        case .strayChunks: arrive(whole, Array(1...4))
        case .pages: pass.add("socket 0: \(whole)", Frames.pageLengths.count)
        case .sending:
            pass.add("sent: \(whole)", 4 * Frames.sentEach)
            pass.add("chunks that came back", 4 * Frames.sentEach)
            pass.add("rings that ask for a call", 4)
        case .straySending:
            pass.add("sent: \(whole)", 2)
            pass.add("chunks that came back", 2)
            pass.add("frames refused", Frames.strays)
        case .swapping:
            arrive(whole, Array(1...2 * Frames.round))
            pass.add("sent: \(whole)", 2 * Frames.round)
            pass.add("chunks that came back", 2 * Frames.round)
        }
        return pass * processors + ["frames that pass without it": 2]
    }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        try bench.perform(step, in: arena)
    }
}
