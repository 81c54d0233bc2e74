/// What a program must do with one packet, worked out from what was there before it.
struct HbmRuling: Hashable {
    /// The queue afterwards.
    var queue: HbmQueue
    /// What the packet adds to the sum of credits.
    var credit = 0
    /// Whether it counts as having met congestion.
    var isMarked = false
    /// Whether its header says so from now on.
    var isCongested = false
    var isDropped = false
    /// How likely it is that the sender is told to slow down: 0 or 1 where no chance decides.
    var notice = 0.0
    /// When it may leave, in nanoseconds; 0 where the program does not say.
    var departure = 0

    /// The kern halves.
    enum Half: String, Sendable, CaseIterable {
        /// Limits by credit (`hbm_out_kern.c`).
        case credit = "hbm_out"
        /// Limits by the time at which each packet may leave (`hbm_edt_kern.c`).
        case departure = "hbm_edt"
    }

    /// The rate of a queue's first packet, whatever was asked for: 1024 megabits.
    static let firstRate: UInt32 = 1024 * 128
    /// From this many bytes on a packet is large.
    static let largeLength = 121

    /// Which number the program returns.
    func returned(noticed: Bool) -> Int { (isDropped ? 0 : 1) | (noticed ? 2 : 0) }

    /// What a program must do.
    ///
    /// - Parameters:
    ///   - half: The program.
    ///   - packet: The packet.
    ///   - settings: What was asked of it.
    ///   - before: The queue.
    ///   - clock: When it looked at the clock.
    ///   - outstanding: How many segments the sending socket of TCP had sent that were not acknowledged.
    init(
        _ half: Half,
        _ packet: HbmPacket,
        _ settings: HbmSettings,
        before: HbmQueue,
        clock: Int,
        outstanding: Int = 0
    ) {
        queue = before
        switch half {
        case .credit: limit(packet, byCreditAt: clock)
        case .departure: limit(packet, byDepartureAt: clock, outstanding)
        }
        queue.rate = UInt32(truncatingIfNeeded: settings.rate &* 128)
        if settings.isSilent { notice = 0 }
    }

    // MARK: Credit

    /// The most credit, which a queue also begins with: a hundred packets of 1500 bytes.
    static let mostCredit = 150_000
    /// So far below 0 packets are marked.
    static let markDebt = 60_000
    /// So far below 0 small packets are dropped.
    static let dropDebt = 600_000
    /// So far below 0 large packets are dropped.
    static let largeDropDebt = 577_500

    private mutating func limit(_ packet: HbmPacket, byCreditAt clock: Int) {
        if queue.time == 0 { queue = HbmQueue(time: clock, credit: Self.mostCredit, rate: Int(Self.firstRate)) }
        let elapsed = clock &- queue.time
        // A clock behind the queue's means that another processor was faster.
        if elapsed > 0 {
            queue.time = clock
            let earned = (UInt64(elapsed) &* UInt64(queue.rate)) >> 20
            queue.credit = Int32(truncatingIfNeeded: min(Int(queue.credit) &+ Int(earned), Self.mostCredit))
        }
        queue.credit &-= Int32(truncatingIfNeeded: packet.length)
        credit = Int(queue.credit)
        let debt = -credit
        let isLarge = packet.length >= Self.largeLength
        if debt > Self.dropDebt || isLarge && debt > Self.largeDropDebt {
            isDropped = true
            isMarked = packet.ecn != 0
            if !isMarked, packet.isTCP { notice = 1 }
        } else if debt > 0 {
            isMarked = packet.ecn != 0 || packet.isTCP ? debt > Self.markDebt : true
        }
        if isMarked {
            isCongested = packet.ecn != 0
            if !isCongested {
                if packet.isTCP {
                    notice = Self.chance(debt - Self.markDebt, of: Self.largeDropDebt - Self.markDebt)
                } else if isLarge {
                    isDropped = true
                }
            }
        }
        // What is dropped costs nothing.
        if isDropped { queue.credit &+= Int32(truncatingIfNeeded: packet.length) }
    }

    // MARK: Departure

    /// A queue is never further behind than that: so much may leave at once.
    static let burst = 100_000
    /// So far ahead packets are marked.
    static let markLead = 50_000
    /// So far ahead small packets are dropped.
    static let dropLead = 500_000
    /// So far ahead large packets are dropped.
    static let largeDropLead = 480_000

    private mutating func limit(_ packet: HbmPacket, byDepartureAt clock: Int, _ outstanding: Int) {
        if queue.time == 0 { queue = HbmQueue(time: clock &- Self.burst, rate: Int(Self.firstRate)) }
        let lead = max(queue.time &- clock, -Self.burst)
        departure = clock &+ lead
        credit = Int(Int32(truncatingIfNeeded: lead))
        let isLarge = packet.length >= Self.largeLength
        if lead > Self.dropLead || isLarge && lead > Self.largeDropLead {
            if packet.isTCP {
                // A sender that waits for no more than one answer would wait for ever.
                isDropped = outstanding > 1
                if !isDropped || packet.ecn == 0 { notice = 1 }
            } else {
                isDropped = true
            }
        } else if lead > Self.markLead {
            if packet.isTCP {
                isMarked = true
                isCongested = packet.ecn != 0
                if !isCongested {
                    notice = Self.chance(lead - Self.markLead, of: Self.largeDropLead - Self.markLead)
                }
            } else {
                isDropped = true
            }
        }
        // A processor that divides by 0 gets 0 from the kernel: without a rate there is no limit.
        let duration = queue.rate == 0 ? 0 : (packet.length << 20) / Int(queue.rate)
        queue.time = departure &+ (isDropped ? 0 : duration)
    }

    /// How many of the numbers below `range`, all of which are as likely, are `value` or less.
    static func chance(_ value: Int, of range: Int) -> Double {
        min(1, max(0, Double(value + 1) / Double(range)))
    }

    // MARK: Counting

    /// What the program must have counted of one packet.
    ///
    /// - Parameters:
    ///   - packet: The packet.
    ///   - settings: What was asked of it.
    ///   - clock: When it looked at the clock.
    ///   - noticed: Whether the sender was told to slow down.
    ///   - sender: The congestion window and the round trip of a sender of TCP; `nil` of another.
    /// - Returns: The array afterwards, which had no counts before.
    func counts(
        _ packet: HbmPacket,
        _ settings: HbmSettings,
        clock: Int,
        noticed: Bool,
        sender: (window: Int, roundTrip: Int)? = nil
    ) -> HbmCounts {
        var counts = HbmCounts(settings)
        counts.bytes = packet.length
        guard settings.counts else { return counts }
        (counts.packets, counts.first, counts.last, counts.credits) = (1, clock, clock, credit)
        if isMarked { (counts.marked, counts.markedBytes) = (1, packet.length) }
        if isDropped { (counts.dropped, counts.droppedBytes) = (1, packet.length) }
        counts.congested = isCongested ? 1 : 0
        counts[returned: returned(noticed: noticed)] = 1
        if let sender { (counts.windows, counts.windowCount, counts.roundTrips) = (sender.window, 1, sender.roundTrip) }
        return counts
    }
}
