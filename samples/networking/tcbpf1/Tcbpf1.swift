import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Rewrites what looks like TCP, and hands packets to the interface whose index is the next one.
struct Tcbpf1: SteppedSample {
    static let manifest = Manifest(
        summary: "traffic control programs rewrite TCP packets, and redirect packets to the next interface, both ways",
        oracle:
            "at a device's ingress and egress, on each of up to four processors, frames whose byte 23 is 6 arrive with type of service 8, "
            + "the source and port that the machine's byte order makes of the source's numbers (1.1.1.10 and 35091 on a little-endian one) "
            + "and with both checksums brought up to date, to the bit, also where a device is to finish them; what is too short for a field "
            + "keeps it, and every other frame is unchanged; as in the source, nothing asks whether the frame is IPv4, has options or is a "
            + "later fragment. The four other programs send every frame out at the interface with the next index, or in there, and it "
            + "arrives nowhere else; without such an interface it arrives nowhere; no filter behind any of them sees a frame",
        kernSources: ["samples/bpf/tcbpf1_kern.c"],
        programTypes: ["SCHED_CLS"],
        needs: .trafficControl + .veth + ["CONFIG_INET", "CONFIG_NET_NS", "kernel>=4.5"],
        timeout: .seconds(20)
    )

    /// A program at a side of an interface, or all of them without one.
    struct Step: CustomStringConvertible, Sendable {
        var program: String?
        var isAlone = false
        var side = RouteSocket.FilterSide.ingress
        /// Where the program is.
        var port = Port.near
        /// Whether the checksums of the frames are left to the device.
        var isUnfinished = false

        var description: String {
            isAlone
                ? "without a device"
                : "\(program ?? "no program"), \(side)\(port == .near ? "" : ", no next interface")\(isUnfinished ? ", unfinished" : "")"
        }

        var frames: [Frame] {
            isUnfinished ? Frame.unfinished : program == "bpf_prog1" ? Frame.rewritten : Frame.redirected
        }
    }

    /// Interfaces with neighbouring indices, each with a host of its own at the other end.
    enum Port: String, Sendable, CaseIterable {
        case before, near, next, last

        /// No index that fits into 16 bits.
        var index: CInt {
            switch self {
            case .before: 0x0001_fffe
            case .near: 0x0001_ffff
            case .next: 0x0002_0000
            case .last: 0x0002_0001
            }
        }
    }

    static let redirections = ["_redirect_xmit", "_redirect_recv", "_clone_redirect_xmit", "_clone_redirect_recv"]

    static let steps: [Step] = steps(at: .egress) + steps(at: .ingress) + [Step(isAlone: true)]

    private static func steps(at side: RouteSocket.FilterSide) -> [Step] {
        var steps = [false, true].map { Step(program: "bpf_prog1", side: side, isUnfinished: $0) }
        steps += redirections.map { Step(program: $0, side: side) }
        steps += redirections.map { Step(program: $0, side: side, port: .last) }
        return steps + [Step(side: side)]
    }
    static let countsTried = 1
    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2]]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        guard !step.isAlone else {
            // TC_ACT_OK, TC_ACT_REDIRECT and TC_ACT_SHOT of linux/pkt_cls.h.
            let answers = redirections.map { ("\($0) answers \($0.hasPrefix("_clone") ? 2 : 7)", Frame.whole.count) }
            return Tallies(Dictionary(uniqueKeysWithValues: answers)) + ["bpf_prog1 answers 0": Frame.whole.count]
        }
        var all: Tallies = [:]
        for frame in step.frames {
            let arrival: String
            switch step.program {
            case nil, "bpf_prog1"?: arrival = step.side == .egress ? "\(step.port)'s host got" : "\(step.port) let in"
            case _ where step.port == .last: continue
            case let program?: arrival = program.hasSuffix("xmit") ? "next's host got" : "next let in"
            }
            all.add("\(arrival): \(frame.title)")
        }
        return all * SenderProcessors.passes(facts)
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        step.isAlone ? try bench.runAlone(in: arena) : try bench.expose(to: step, in: arena)
    }
}
