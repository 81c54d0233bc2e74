import LibBPF
import LinuxHost
import SampleKit
import SampleLab
import Synchronization

/// Many packets of which chance, or the order of two processors, decides on each.
struct HbmCrowd: Codable, Hashable {
    var before = HbmQueue()
    var after = HbmQueue()
    var counts = HbmCounts()
    var began = 0
    var ended = 0
    /// How many packets sendto(2) took.
    var taken = 0
    /// How many packets arrived, by type of service.
    var arrivals: [Int: Int] = [:]
}

extension HbmSession {
    /// A packet of TCP that cannot be told of congestion in its header: by chance its sender is told.
    static let tossed = HbmPacket(.inet, isTCP: true, length: 100)
    /// How many such packets are sent.
    static let tosses = 400
    static let tossSettings = HbmSettings(rate: 10)
    /// What every processor sends at once, and how often.
    static let crowded = HbmPacket(.inet, isTCP: true, ecn: 2, length: 100)
    static let crowd = 250

    /// In the middle of the region in which chance decides.
    static func tossStart(_ half: HbmRuling.Half) -> HbmTrial.Start {
        switch half {
        case .credit:
            .frozen(credit: tossed.length - (HbmRuling.markDebt + HbmRuling.largeDropDebt) / 2)
        case .departure: .ahead(200_000...330_000)
        }
    }

    static func crowdStart(_ half: HbmRuling.Half) -> HbmTrial.Start {
        half == .credit ? .frozen(credit: HbmRuling.mostCredit) : .farAhead
    }

    /// Sends the same packet again and again.
    ///
    /// - Returns: The debt or the lead that each found, and whether its sender was told; -1 for a packet that was not counted as one.
    func toss() throws -> [[Int]] {
        var found: [[Int]] = []
        for _ in 0..<Self.tosses {
            // Tried for until chance decides: by the lead, whatever the chance then says.
            let trial = HbmTrial("toss", half, Self.tossed, Self.tossStart(half), Self.tossSettings)
            let outcome = try perform(trial).1
            let value = half == .credit ? -outcome.counts.credits : outcome.counts.credits
            let isOne = outcome.counts.packets == 1 && outcome.counts[returned: 1] + outcome.counts[returned: 3] == 1
            found.append([value, isOne ? outcome.counts[returned: 3] : -1])
        }
        _ = try bench.arrivals()
        return found
    }

    /// Has all processors send at once, by one socket.
    func crowd(on processors: [CInt]) throws -> HbmCrowd {
        var seen = HbmCrowd()
        let settings = HbmSettings(rate: 10)
        try ask(settings)
        try set(Self.crowdStart(half), settings)
        seen.before = try queue()
        let (number, bytes) = (bench.rawNumber(.inet), Self.crowded.bytes(0, by: .wire))
        let target = HbmPacket.target(.inet, .wire)
        let taken = Tally()
        seen.began = Int(Deadline.now)
        try Crowd.run(on: processors) {
            {
                for _ in 0..<Self.crowd where InternetSocket.offer(bytes, by: number, to: target, port: 0) == "ok" {
                    taken.add()
                }
            }
        }
        seen.ended = Int(Deadline.now)
        (seen.after, seen.counts, seen.taken) = (try queue(), try counted(), taken.count)
        bench.note(taken: seen.taken)
        for serviceClass in try bench.arrivals()[0] ?? [] { seen.arrivals[serviceClass, default: 0] += 1 }
        return seen
    }
}

/// A count that several threads add to.
private final class Tally: Sendable {
    private let value = Atomic(0)

    func add() { value.add(1, ordering: .relaxed) }

    var count: Int { value.load(ordering: .relaxed) }
}
