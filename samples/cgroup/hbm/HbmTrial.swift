import SampleLab

/// One packet that is sent while a program's queue is as it was made for it.
struct HbmTrial: Sendable {
    /// What the queue is made before the packet.
    enum Start: Hashable, Sendable {
        /// As before the first packet of all.
        case fresh
        /// With so much credit, and a clock that is ahead: no more is given, whatever the time.
        case frozen(credit: Int)
        /// With so much credit, at a rate, and a clock so many nanoseconds behind.
        case elapsed(Int, credit: Int, rate: Int)
        /// So far ahead that it is still within this range when the packet comes, in nanoseconds; tried until it is.
        case ahead(ClosedRange<Int>)
        /// So far ahead, or nearly so: the packet is judged by how far it was.
        case near(Int)
        /// As the packet before has left it.
        case kept
    }

    /// Which cgroup the sender is of.
    enum Place: String, Sendable, CaseIterable {
        /// The one that the programs are attached to.
        case inside
        /// One below it.
        case below
        /// One at its side.
        case beside
        /// The one above it.
        case above
    }

    let name: String
    let half: HbmRuling.Half
    let packet: HbmPacket
    var start: Start
    var settings = HbmSettings()
    var place = Place.inside
    var device = HbmPacket.Device.wire
    /// Whether it is repeated on each processor.
    var isForProcessors = false

    /// Whether what was counted before counts on.
    var countsOn: Bool { start == .kept }

    /// Whether the program has to do with it at all.
    var isLimited: Bool {
        (place == .inside || place == .below) && (device == .wire || settings.limitsLoopback)
    }

    /// What came of it.
    struct Outcome: Hashable {
        var before = HbmQueue()
        var after = HbmQueue()
        var counts = HbmCounts()
        /// When it was sent, and when that had happened.
        var began = 0
        var ended = 0
        /// What sendto(2) said.
        var answer = ""
        /// The type of service or traffic class of each packet that arrived.
        var arrivals: [Int] = []
        /// The departure that the interface was handed it with, in nanoseconds; 0 for none.
        var departure = 0
    }

    /// The same on a processor.
    func on(_ processor: Int) -> HbmTrial { HbmTrial("\(name), processor \(processor)", half, packet, start, settings) }

    init(
        _ name: String,
        _ half: HbmRuling.Half,
        _ packet: HbmPacket,
        _ start: Start,
        _ settings: HbmSettings = HbmSettings(),
        at place: Place = .inside,
        by device: HbmPacket.Device = .wire,
        isForProcessors: Bool = false
    ) {
        (self.name, self.half, self.packet, self.start) = ("\(half.rawValue): \(name)", half, packet, start)
        (self.settings, self.place, self.device) = (settings, place, device)
        self.isForProcessors = isForProcessors
    }
}

extension HbmTrial.Start {
    /// How far ahead the queue shall be, in nanoseconds.
    var lead: Int {
        switch self {
        case .near(let lead): lead
        case .ahead(let range): (range.lowerBound + range.upperBound) / 2
        case .fresh, .frozen, .elapsed, .kept: 0
        }
    }

    /// How far ahead a queue is made for sure.
    static let second = 1_000_000_000
    /// Further ahead than any lead that the program looks at.
    static let farAhead = ahead(9 * second...10 * second)
    /// Leads at both sides of each threshold; those that are the narrowest are the last tried for.
    static let leads: [(name: String, range: ClosedRange<Int>)] = [
        ("below the mark", 1000...49_000), ("above the mark", 51_000...80_000),
        ("below both thresholds", 440_000...479_000),
        ("between both thresholds", 481_000...499_000), ("above both thresholds", 501_000...530_000),
    ]
}
