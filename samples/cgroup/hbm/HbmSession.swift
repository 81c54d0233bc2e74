import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// A program on the cgroup, with its queue and its counts.
final class HbmSession {
    let half: HbmRuling.Half
    let bench: HbmBench
    private let object: LoadedObject
    private var link: BPFLink?
    private let queues: BPFMap
    private let counts: BPFMap
    private let key: HbmQueueKey
    let isAttached: Bool
    /// How much later than planned the program looks at the clock, in nanoseconds, as far as is known.
    private var delay = 0
    /// How much longer moments are tried for.
    private var patience = Deadline(after: .milliseconds(1500))

    init(_ half: HbmRuling.Half, on bench: HbmBench, in arena: borrowing Arena) throws {
        let object = try arena.loadObject(half.rawValue)
        let program = try object.program("_hbm_out_cg")
        queues = try object.map("queue_state")
        counts = try object.map("queue_stats")
        key = HbmQueueKey(cgroup: try bench.inner.number(), attachType: AttachType.cgroupEgress.rawValue)
        link = try program.attach(to: bench.inner)
        isAttached = try program.isAttached(to: bench.inner)
        self.object = object
        self.half = half
        self.bench = bench
    }

    /// Takes the program away; it must stay until here.
    func end() {
        link.take()?.detach()
        withExtendedLifetime(object) {}
    }

    // MARK: The maps

    func queue() throws -> HbmQueue { try queues.lookup(key, as: HbmQueue.self) ?? HbmQueue() }

    func counted() throws -> HbmCounts { try counts.lookup(UInt32(0), as: HbmCounts.self) ?? HbmCounts() }

    /// Asks something of the program, as its user half does: with all counts at 0.
    func ask(_ settings: HbmSettings) throws { try counts.update(UInt32(0), HbmCounts(settings)) }

    /// Makes the queue what a packet shall find.
    func set(_ start: HbmTrial.Start, _ settings: HbmSettings) throws {
        let second = HbmTrial.Start.second
        let rate = settings.rate &* 128
        switch start {
        case .fresh: try put(HbmQueue())
        case .frozen(let credit):
            try put(HbmQueue(time: Int(Deadline.now) + 3600 * second, credit: credit, rate: rate))
        case .elapsed(let time, let credit, let rate):
            // A machine that was booted a moment ago has no earlier time than 1.
            try put(HbmQueue(time: max(1, Int(Deadline.now) - time), credit: credit, rate: rate))
        case .ahead, .near:
            try put(HbmQueue(time: Int(Deadline.now) + start.lead + delay, rate: rate))
        case .kept: break
        }
    }

    /// Writes the queue; where the kernel has made none, as for a program that never asks for it, none is there to be seen either.
    private func put(_ queue: HbmQueue) throws {
        do { try queues.update(key, queue) } catch let error as SystemCallError where error.errno.symbol == "ENOENT" {}
    }

    // MARK: Trials

    /// Sends a trial's packet; again where a lead was missed, because this thread or another was slow.
    func perform(_ trial: HbmTrial) throws -> (serial: UInt32, HbmTrial.Outcome) {
        for _ in 0..<60 {
            let found = try once(trial)
            guard trial.settings.counts, trial.isLimited else { return found }
            let lead = found.1.before.time &- found.1.counts.last
            if case .near = trial.start {
                correct(trial.start.lead &- lead)
                return found
            }
            guard case .ahead(let range) = trial.start else { return found }
            if range.contains(lead) || patience.hasPassed { return found }
            correct(trial.start.lead &- lead)
        }
        return try once(trial)
    }

    /// Learns from a packet how much later than planned it came.
    private func correct(_ difference: Int) {
        // Half of the way, lest a single slow one spoil the next ones; no way takes longer than fifty milliseconds.
        delay = min(max(0, delay &+ min(max(-100_000_000, difference), 100_000_000) / 2), 50_000_000)
    }

    private func once(_ trial: HbmTrial) throws -> (serial: UInt32, HbmTrial.Outcome) {
        var outcome = HbmTrial.Outcome()
        if !trial.countsOn { try ask(trial.settings) }
        try bench.forgetDeparture()
        try set(trial.start, trial.settings)
        outcome.before = try queue()
        let sent = try bench.send(trial.packet, at: trial.place, by: trial.device)
        (outcome.began, outcome.answer, outcome.ended) = (sent.began, sent.answer, sent.ended)
        outcome.after = try queue()
        outcome.counts = try counted()
        outcome.departure = try bench.departure()
        return (sent.serial, outcome)
    }

    /// Makes trials, each on its processors, and finds out what arrived.
    func perform(_ trials: [HbmTrial], on processors: [CInt]) throws -> HbmOutcomes {
        var found = HbmOutcomes()
        var places: [UInt32: Int] = [:]
        func note(_ trial: HbmTrial) throws {
            let (serial, outcome) = try perform(trial)
            places[serial] = found.list.count
            found.list.append(outcome)
        }
        for trial in trials {
            try note(trial)
            guard trial.isForProcessors else { continue }
            for processor in processors {
                try Processors.pinned(to: processor) { try note(trial.on(Int(processor))) }
            }
        }
        for (serial, classes) in try bench.arrivals() {
            if let place = places[serial] { found.list[place].arrivals = classes }
        }
        return found
    }
}
