public import LibBPF
import LinuxHost
public import SampleKit

extension RedirectBench {
    /// What must be seen and counted of frames that are sent on so many processors.
    public static func expected(_ frames: [Frame], processors: Int) -> Tallies {
        var all: Tallies = [:]
        for frame in frames {
            for arrival in frame.arrivals {
                all.add("\(arrival.place) \(frame.title)", (frame.burst ?? 1) * processors)
            }
            for (rank, counts) in frame.elsewhere {
                for (name, count) in counts.counts { all.add("processor \(rank): \(name)", count * processors) }
            }
            for (name, count) in frame.shared.counts { all.add("all processors: \(name)", count * processors) }
            for rank in 0..<processors {
                for (name, count) in frame.counts.counts { all.add("processor \(rank): \(name)", count) }
            }
        }
        return all
    }

    /// Sends frames on each of ``SenderProcessors``, one after another, and says what was seen and counted.
    ///
    /// Each is waited for where it must arrive before the next is sent, so that the kernel has no two to make a batch of.
    ///
    /// - Parameters:
    ///   - frames: The frames.
    ///   - object: What counts. In every second step its counters begin short of 2^32, and its hash has entries.
    ///   - receiver: The program that bursts are given to.
    ///   - besideOthers: Whether what others on the machine do is counted too. Then only counts for pairs of interfaces are exact;
    ///     others are taken for what they ought to be where they are greater.
    ///   - arena: The sample's arena; in a control run nothing is sent.
    /// - Returns: What ``expected(_:processors:)`` says, if all is right; nothing after a step in which something was missing.
    /// - Throws: `ObjectMismatch` for an object of another form, `SystemCallError` for the harness's own calls.
    public func send(
        _ frames: [Frame],
        counting object: RedirectObject,
        receiver: (any FrameReceiver)? = nil,
        besideOthers: Bool = false,
        in arena: borrowing Arena
    ) throws -> Tallies {
        if isBroken { return [:] }
        let start: UInt64 = steps.isMultiple(of: 2) ? 0 : 1 << 32 - 1
        steps += 1
        let pairs = Port.allCases.flatMap { from in
            Port.allCases.map { RedirectCounters.pair(from: index(from), to: index($0)) }
        }
        try object.counters.set(to: start, pairs: pairs)
        for eye in eyes.values { eye.seen = [:] }
        var rounds = 0
        try arena.stimulate {
            try SenderProcessors.each { _, _ in
                rounds += 1
                for frame in frames where !isBroken {
                    try send(frame, to: receiver)
                    for arrival in frame.arrivals {
                        let count = rounds * (frame.burst ?? 1)
                        if try eyes[arrival.place]?.watch(for: arrival.bytes, times: count) != true { isBroken = true }
                    }
                }
                SenderProcessors.settle()
            }
        }
        let wanted = Self.expected(frames, processors: rounds)
        let names = Dictionary(Port.allCases.map { (index($0), $0.rawValue) }) { first, _ in first }
        let known = Dictionary(
            frames.flatMap { frame in frame.arrivals.map { (Sighting(place: $0.place, bytes: $0.bytes), frame.title) } }
        ) { first, _ in first }
        var found: Tallies = [:]
        // Until all is counted, or never will be.
        _ = try Deadline(after: isBroken ? .zero : answerTime).poll(everyMilliseconds: 1) {
            found = try object.counters.tallies(since: start, pairs: pairs, names)
            for (place, eye) in eyes {
                _ = try eye.watch()
                for (bytes, count) in eye.seen {
                    let title = known[Sighting(place: place, bytes: bytes)] ?? PacketForm.frame(bytes)
                    found.add("\(place) \(title)", count)
                }
            }
            if besideOthers { found = Self.without(others: found, wanted) }
            return found == wanted
        }
        isBroken = isBroken || found != wanted
        return found
    }

    private static func without(others found: Tallies, _ wanted: Tallies) -> Tallies {
        var own: Tallies = [:]
        for (name, count) in found.counts {
            let isCounter = name.hasPrefix("processor ") || name.hasPrefix("another processor")
            if isCounter, wanted[name] == 0 { continue }
            own[name] = isCounter && !name.contains(" to ") ? min(count, wanted[name]) : count
        }
        return own
    }

    private func send(_ frame: Frame, to receiver: (any FrameReceiver)?) throws {
        guard let count = frame.burst else {
            try eyes[.host(frame.from)]?.socket.send(frame.bytes)
            return
        }
        let interface = try network.interface("router", frame.from.rawValue)
        try network.inside("router") { try receiver?.receive(frame.bytes, from: interface, count: count) }
    }

    private struct Sighting: Hashable {
        var place: Place
        var bytes: [UInt8]
    }
}

/// What must be seen and counted in the steps of a sample, worked out once for each number of processors.
public struct RedirectExpectations: Sendable {
    private let all: [[String: Tallies]]

    /// Works it out.
    ///
    /// - Parameters:
    ///   - steps: The sample's steps.
    ///   - frames: A step's frames on so many processors.
    public init<Step: CustomStringConvertible>(_ steps: [Step], _ frames: (Step, Int) -> [RedirectBench.Frame]) {
        all = (1...SenderProcessors.most).map { processors in
            let pairs = steps.map { ("\($0)", RedirectBench.expected(frames($0, processors), processors: processors)) }
            return Dictionary(pairs) { first, _ in first }
        }
    }

    /// What a step must give on a machine of these facts; nothing that ever happens where they do not say how many processors there are.
    public subscript(step: some CustomStringConvertible, facts: Tallies) -> Tallies {
        let processors = facts[SenderProcessors.fact]
        guard processors >= 1, processors <= all.count else { return ["processors": -1] }
        return all[processors - 1]["\(step)"] ?? [:]
    }
}
