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
    ///   - arena: The sample's arena; in a control run nothing is sent.
    /// - Returns: What ``expected(_:processors:)`` says, if all is right; nothing after a step in which something was missing.
    /// - Throws: `ObjectMismatch` for an object of another form, `SystemCallError` for the harness's own calls.
    public func send(
        _ frames: [Frame],
        counting object: RedirectObject,
        receiver: BPFProgram? = nil,
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
            return found == wanted
        }
        isBroken = isBroken || found != wanted
        return found
    }

    private func send(_ frame: Frame, to receiver: BPFProgram?) throws {
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
