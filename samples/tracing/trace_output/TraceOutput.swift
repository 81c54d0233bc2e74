import Glibc
import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Reports each write(2) on processor 0 through a perf event.
struct TraceOutput: Sample {
    struct Observation: Codable, Equatable {
        /// Own calls of write(2) on processor 0, and what came of them.
        var first = WriteRound()
        /// The same on another processor; `nil` if there is none that this process may run on.
        var other: WriteRound?
        /// The same on processor 0 after the program was detached.
        var detached = WriteRound()
        /// Attempts that were thrown away because a ring overflowed with what others wrote.
        var overflows = 0
    }

    static let manifest = Manifest(
        summary: "a kprobe tells user space of every write(2) on processor 0 through a perf event array",
        oracle:
            "of 200 own calls of write(2) on processor 0 by two threads, half of which fail, exactly 200 samples come, from processor 0's "
            + "ring, with the thread's pid_tgid and the cookie; none of 100 calls on another processor, where the helper must refuse "
            + "processor 0's event, and none once detached; no sample of anybody has another cookie or size, none is lost",
        kernSources: ["samples/bpf/trace_output_kern.c"],
        programTypes: ["KPROBE"],
        needs: .kprobes + .eventBuffers + ["kernel>=4.17"],
        oldestTree: Manifest.OldestTree(
            KernelVersion(5, 10),
            otherwise: "attaches to sys_write, which kernels for x86-64 do not have from Linux 4.17 on"
        )
    )

    /// Own calls on processor 0.
    static let calls = 200
    /// Own calls on another processor.
    static let otherCalls = 100
    /// How often the rings may overflow with what others write.
    private static let attempts = 5

    func observe(in arena: borrowing Arena) throws -> Observation {
        try ProcessNumbers.requireInitialNamespace()
        var overflows = 0
        while true {
            let object = try arena.loadObject()
            let output = WriteProbe(buffer: try PerfBuffer(try object.map("my_map"), pages: 64))
            let probe = try arena.attachProbe("bpf_prog1", of: object)
            var seen = Observation(overflows: overflows)
            seen.first = try output.round(of: Self.calls, on: 0, in: arena)
            if let other = try Processors.online().first(where: { $0 != 0 && Processors.isAllowed($0) }) {
                seen.other = try output.round(of: Self.otherCalls, on: other, in: arena)
            }
            probe.detach()
            seen.detached = try output.round(of: Self.otherCalls, on: 0, in: arena)
            overflows += 1
            let lost = seen.first.lost + (seen.other?.lost ?? 0) + seen.detached.lost
            if lost == 0 || overflows == Self.attempts { return seen }
        }
    }

    func judge(_ seen: Observation) -> Judgement {
        var checks: [Check] = [
            .equal("own calls on processor 0", expected: Self.calls, observed: seen.first.calls),
            .equal("samples of own calls on processor 0", expected: Self.calls / 2, observed: seen.first.own),
            .equal("samples of another own thread's", expected: Self.calls / 2, observed: seen.first.second),
        ]
        var notReached: [String] = []
        if let other = seen.other {
            checks += [
                .equal("own calls on another processor", expected: Self.otherCalls, observed: other.calls),
                .equal("samples of own calls on another processor", expected: 0, observed: other.own + other.second),
            ]
        } else {
            notReached.append(
                "a call on another processor than 0, whose sample the kernel must refuse: there is none here"
            )
        }
        checks += [
            .equal("own calls after detaching", expected: Self.otherCalls, observed: seen.detached.calls),
            .equal(
                "samples of own calls after detaching",
                expected: 0,
                observed: seen.detached.own + seen.detached.second
            ),
        ]
        let rounds = [seen.first, seen.detached] + (seen.other.map { [$0] } ?? [])
        checks += [
            .equal("samples from other rings", expected: 0, observed: rounds.reduce(0) { $0 + $1.elsewhere }),
            .equal("samples with another cookie", expected: 0, observed: rounds.reduce(0) { $0 + $1.misshapen }),
            .equal("samples lost", expected: 0, observed: rounds.reduce(0) { $0 + $1.lost }),
        ]
        return Judgement(checks, notReached: notReached)
    }
}

extension TraceOutput {
    static let examples: [Example<Observation>] = [
        .accepted("every write told of", seen()),
        .accepted("others write too", seen(foreign: 41)),
        .accepted("a single processor", seen(other: nil)),
        .accepted("rings overflowed before", seen(overflows: 3)),
        .rejected("nothing written", Observation()),
        .rejected("only others wrote", seen(calls: 0, own: 0, second: 0, foreign: 300)),
        .rejected("never told", seen(own: 0, second: 0)),
        .rejected("one write missing", seen(own: 99)),
        .rejected("failed writes not told of", seen(own: 50, second: 50)),
        .rejected("each write told of twice", seen(own: 200, second: 200)),
        .rejected("another thread's number", seen(own: 0, second: 0, foreign: 200)),
        .rejected("the process's number for each thread", seen(own: 200, second: 0)),
        .rejected("a wrong cookie", seen(misshapen: 1)),
        .rejected("told of from another processor", seen(other: round(100, 100))),
        .rejected("into the other processor's ring", seen(other: round(100, 0, elsewhere: 100))),
        .rejected("told of after detaching", seen(detached: round(100, 100))),
        .rejected("no round after detaching", seen(detached: WriteRound())),
        .rejected("samples lost", seen(lost: 1)),
    ]

    private static func round(_ calls: Int, _ own: Int, elsewhere: Int = 0) -> WriteRound {
        WriteRound(calls: calls, own: own, elsewhere: elsewhere)
    }

    private static func seen(
        calls: Int = 200,
        own: Int = 100,
        second: Int = 100,
        foreign: Int = 0,
        misshapen: Int = 0,
        lost: UInt64 = 0,
        other: WriteRound? = round(100, 0),
        detached: WriteRound = round(100, 0),
        overflows: Int = 0
    ) -> Observation {
        Observation(
            first: WriteRound(
                calls: calls,
                own: own,
                second: second,
                foreign: foreign,
                misshapen: misshapen,
                lost: lost
            ),
            other: other,
            detached: detached,
            overflows: overflows
        )
    }
}
