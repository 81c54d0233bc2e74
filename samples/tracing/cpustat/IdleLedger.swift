import LibBPF

/// Recomputes from an independent record what the kern half must have added to its idle times.
///
/// Two recorders stand around the kern half on the same tracepoint, so that the moment at which it ran lies between
/// theirs, and every duration between two bounds. No tolerance for a slow machine is needed.
struct IdleLedger {
    /// A change of a processor's idle state, seen by both recorders.
    struct Change: Equatable {
        /// When the recorder before the kern half ran.
        var before: UInt64
        /// When the recorder after the kern half ran; `nil` where it had not begun, or had ended.
        var after: UInt64?
        /// The idle state, or ``IdleLedger/awake``.
        var state: UInt32
    }

    /// What the kern half knew of a processor and of its times, read by a thread that kept the processor awake.
    struct Reading: Equatable {
        /// Before the first cell was read, nanoseconds of `CLOCK_MONOTONIC`.
        var begin: UInt64
        /// After the last cell was read.
        var end: UInt64
        /// The time of the last change that the kern half saw; 0 if none.
        var time: UInt64
        /// The state that it changed to.
        var state: UInt64
        /// The processor's three cells of idle times.
        var cells: [UInt64]
        /// The time from which the kern half counts at a frequency.
        var frequencyTime: UInt64 = 0
        /// The processor's five cells of times by frequency.
        var frequencyCells: [UInt64] = []
    }

    /// What must have been added to a cell.
    struct Bounds: Codable, Equatable {
        /// The least.
        var low: Int64 = 0
        /// The most.
        var high: Int64 = 0
        /// Durations that surely were added.
        var durations = 0
        /// What was added.
        var added: Int64 = 0
        /// What was there at the first reading.
        var initial: UInt64 = 0
    }

    /// `PWR_EVENT_EXIT`: the state that stands for leaving an idle state.
    static let awake = UInt32.max
    /// `MAX_CPU` and `MAX_CSTATE_ENTRIES` of the kern half, which lays out eight rows of three cells.
    static let rows = 8
    static let columns = 3
    /// What every cell of times begins with: one short of 2^32, so that one of less than 64 bits loses what it got.
    static let start: UInt64 = 1 << 32 - 1
    /// `cpu_opps` of the kern half: the frequencies that it has a column for, in kHz.
    static let frequencies: [UInt64] = [208_000, 432_000, 729_000, 960_000, 1_200_000]

    /// The column of the frequency that a processor is said to run at.
    static func frequencyColumn(_ processor: Int) -> Int { processor % frequencies.count }

    /// The changes of each processor, in their order.
    var changes: [Int: [Change]]

    /// Joins the recordings of the tracepoint `cpu_idle`, whose arguments are the state and the processor.
    init(before: [TracepointRecorder.Firing], after: [TracepointRecorder.Firing]) {
        changes = Dictionary(grouping: before, by: { Int($0.second) }).mapValues { firings in
            firings.map { Change(before: $0.time, after: nil, state: UInt32(truncatingIfNeeded: $0.first)) }
        }
        for (processor, firings) in Dictionary(grouping: after, by: { Int($0.second) }) {
            guard var list = changes[processor] else { continue }
            var last: Int?
            for firing in firings {
                guard let index = Self.change(of: firing, in: list, after: last) else { continue }
                list[index].after = firing.time
                last = index
            }
            changes[processor] = list
        }
    }

    /// The change that the second recorder saw, of those behind the one that it saw before.
    ///
    /// Times alone do not tell where the clock moves with the timer tick only: changes of one tick have one time. There the
    /// second recorder's come in the order of the first one's.
    private static func change(of firing: TracepointRecorder.Firing, in list: [Change], after last: Int?) -> Int? {
        let state = UInt32(truncatingIfNeeded: firing.first)
        let fits = { (index: Int) in
            list[index].before <= firing.time && list[index].state == state
                && (index + 1 == list.count || list[index + 1].before >= firing.time)
        }
        let rest = (last.map { $0 + 1 } ?? 0)..<list.count
        if last != nil, let next = rest.first, fits(next) { return next }
        return rest.first { list[$0].before == firing.time && list[$0].state == state } ?? rest.first(where: fits)
    }

    /// The changes of a processor between two readings; `nil` if one fell into a reading or was not seen by both recorders.
    func window(_ processor: Int, _ first: Reading, _ last: Reading) -> [Change]? {
        let all = changes[processor] ?? []
        guard !all.contains(where: { first.begin...first.end ~= $0.before || last.begin...last.end ~= $0.before })
        else { return nil }
        let inside = all.filter { $0.before > first.end && $0.before < last.begin }
        return inside.allSatisfy { $0.after != nil } ? inside : nil
    }

    /// What must have been added to the cells of the processors that were read twice; `nil` if the record is torn.
    ///
    /// Upstream's ways are followed: the first change that it sees only sets the time, a duration counts when a
    /// processor leaves a state, and the cell is that of row `processor` and column `state` even where the state has
    /// no column, so that state 3 counts in the next row's first cell.
    func bounds(_ first: [Int: Reading], _ last: [Int: Reading]) -> [Int: Bounds]? {
        var found: [Int: Bounds] = [:]
        for row in first.keys {
            guard let begin = first[row], let end = last[row] else { return nil }
            for column in 0..<Self.columns {
                let added = Int64(bitPattern: end.cells[column] &- begin.cells[column])
                found[row * Self.columns + column] = Bounds(added: added, initial: begin.cells[column])
            }
        }
        for (processor, all) in changes where processor < Self.rows {
            var previous: Change?
            var from = 0
            if let begin = first[processor], let end = last[processor] {
                guard window(processor, begin, end) != nil else { return nil }
                // From the first reading on everything is known; what came before can only have spilt into other rows.
                from = all.firstIndex { $0.before > begin.end } ?? all.count
                let state = UInt32(truncatingIfNeeded: begin.state)
                previous = begin.time == 0 ? nil : Change(before: begin.time, after: begin.time, state: state)
            }
            for (index, change) in all.enumerated() {
                let earlier = index < from ? (index > 0 ? all[index - 1] : nil) : previous
                if index >= from { previous = change }
                guard change.state == Self.awake, let earlier else { continue }
                add(&found, processor, earlier, change, isSure: index >= from && first[processor] != nil, first, last)
            }
        }
        return found
    }

    private func add(
        _ found: inout [Int: Bounds],
        _ processor: Int,
        _ enter: Change,
        _ leave: Change,
        isSure: Bool,
        _ first: [Int: Reading],
        _ last: [Int: Reading]
    ) {
        let cell = Int(UInt32(processor * Self.columns) &+ enter.state)
        let row = cell / Self.columns
        guard let begin = first[row], let end = last[row] else { return }
        let latest = leave.after ?? leave.before
        // Outside of the two readings of the cell's row; only one of another row's processor can be neither in nor out.
        if latest < begin.begin || leave.before > end.end { return }
        let isInside =
            isSure && leave.before > begin.end && latest < end.begin && leave.after != nil && enter.after != nil
        found[cell]?.high += Int64(bitPattern: latest &- enter.before)
        if isInside {
            found[cell]?.low += Int64(bitPattern: leave.before &- (enter.after ?? enter.before))
            found[cell]?.durations += 1
        }
    }

    /// What must have been added at the processor's one frequency between two readings: from each change, or from the first
    /// reading's time, until the next change to an idle state.
    func awake(_ window: [Change], since time: UInt64) -> Bounds {
        var bounds = Bounds()
        var (early, late) = (time, time)
        for change in window {
            let after = change.after ?? change.before
            if change.state != Self.awake {
                bounds.low += Int64(bitPattern: change.before &- late)
                bounds.high += Int64(bitPattern: after &- early)
                bounds.durations += 1
            }
            (early, late) = (change.before, after)
        }
        return bounds
    }

    /// How long a processor was idle between two moments.
    func idle(_ processor: Int, from begin: UInt64, to end: UInt64) -> UInt64 {
        let all = changes[processor] ?? []
        return zip(all, all.dropFirst()).reduce(0) { sum, pair in
            guard pair.0.state != Self.awake, pair.1.state == Self.awake else { return sum }
            let (from, to) = (max(pair.0.before, begin), min(pair.1.before, end))
            return sum + (to > from ? to - from : 0)
        }
    }
}
