import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Hands frames to processors of its choice, by six ways of choosing, where another program may drop or redirect them.
struct XdpRedirectCpu: SteppedSample {
    static let manifest = Manifest(
        summary:
            "XDP programs choose the processor that a frame is dealt with on, where another program may redirect it further",
        oracle:
            "from each of up to four processors, each frame goes to the processor that its program must choose (a fixed one, one after another, "
            + "by protocol, by a hash of the addresses), comes to the stack there or to the port that the second program names, once and with "
            + "the right bytes; every processor's counters, those of the kernel's tracepoints among them, are exact beyond 2^32 too",
        kernSources: ["samples/bpf/xdp_redirect_cpu.bpf.c"],
        programTypes: ["XDP", "TRACING"],
        needs: .redirects,
        oldestTree: .redirects
    )

    /// A way of choosing, and the frames that it must choose one slot of its table for.
    struct Step: CustomStringConvertible, Sendable {
        var description: String
        /// The program at the port; `nil` for none.
        var program: String?
        /// The slot that frames must go by: it names the last processor, all others the first one.
        var slot = 0
        /// The program that the last processor has.
        var second: String?
        var frames: [Sent]

        /// Whether the slot names a processor that no machine has.
        var isStray = false
        /// Whether events of another map are counted.
        var isDeaf = false
        /// Whether the port that frames are redirected to has a program.
        var hasEgress = false
    }

    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2]]

    private static let expectations = RedirectExpectations(steps) { step, processors in
        step.frames.map { frame($0, step, last: processors - 1) }
    }

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies { expectations[step, facts] }

    static func notReached(_ facts: Tallies) -> [String] {
        SenderProcessors.notReached(facts) + [RedirectObject.deadEvents]
    }

    /// What must become of a frame.
    private static func frame(_ sent: Sent, _ step: Step, last: Int) -> RedirectBench.Frame {
        let count = sent.burst ?? 1
        var frame = RedirectBench.Frame(sent.title, sent.bytes, burst: sent.burst)
        if step.program != nil { frame.counts = ["received processed": count] }
        switch sent.fate {
        case _ where step.isStray:
            frame.counts.add("received issue")
            frame.counts.add("exception ABORTED dropped")
            return frame
        case .passed:
            frame.arrivals = [(.stack(.left), sent.bytes)]
            return frame
        case .lost: return frame
        case .dropped:
            frame.counts.add("received dropped")
            return frame
        case .queued(let slot):
            let target = slot == step.slot ? last : 0
            frame.counts.add("redirected processed", count)
            if step.isDeaf {
                frame.arrivals = [(.stack(.left), sent.bytes)]
                return frame
            }
            // The kernel puts eight frames at most into a queue at once.
            frame.counts.add("queued for \(target) processed", count)
            frame.counts.add("queued for \(target) issue", (count + 7) / 8)
            frame.elsewhere = [target: ["taken processed": count]]
            take(&frame, step, on: target)
            return frame
        }
    }

    /// What the processor makes of it that a frame was queued for.
    private static func take(_ frame: inout RedirectBench.Frame, _ step: Step, on target: Int) {
        switch step.second {
        case nil: frame.arrivals = [(.stack(.left), frame.bytes)]
        case "xdp_redirect_cpu_pass":
            frame.arrivals = [(.stack(.left), frame.bytes)]
            // The member of a record that counts batches elsewhere.
            frame.elsewhere[target]?.add("taken info")
        case "xdp_redirect_cpu_drop": frame.elsewhere[target]?.add("taken dropped by program")
        default:
            let source = step.hasEgress ? egressAddress : Array(frame.bytes[0..<6])
            frame.arrivals = [(.host(.right), Array(frame.bytes[6..<12] + source + frame.bytes[12...]))]
            for name in ["processed", "info"] {
                for place in ["sent", "left to right"] { frame.elsewhere[target]?.add("\(place) \(name)") }
            }
            frame.elsewhere[target]?.add("taken redirected")
            frame.elsewhere[target]?.add("redirected processed")
        }
    }

    static let egressAddress: [UInt8] = [0x0a, 0x91, 0x82, 0x73, 0x64, 0x55]

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        try bench.prepare(step)
        let receiver = try step.program.map { try bench.object.loaded.program($0) }
        let last = bench.processors.count - 1
        let frames = step.frames.map { Self.frame($0, step, last: last) }
        return try bench.bench.send(frames, counting: bench.object, receiver: receiver, in: arena)
    }
}
