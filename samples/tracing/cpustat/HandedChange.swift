/// A change of a processor's idle state or frequency that a program is handed by a test run, whatever the processor does.
///
/// Virtual machines change no frequency, and no machine enters every state when it is asked to. A program of tracepoints reads
/// two halves of the second word of its context; as one of raw tracepoints it can be run on any such word.
struct HandedChange {
    /// What the change is of, by which of the two programs takes it.
    enum Kind: String, Codable {
        case idleState
        case frequency

        /// The program's function.
        var program: String { self == .idleState ? "bpf_prog1" : "bpf_prog2" }
    }

    /// What the kern half knows of a processor before the change.
    struct Known {
        /// How long ago the idle state changed, in nanoseconds; `nil` for never.
        var idleSince: UInt64?
        var idleState: UInt64 = 0
        /// How long ago the frequency changed; `nil` for never.
        var frequencySince: UInt64?
        var frequency: UInt64 = 0

        /// The four cells of a processor at a moment.
        func cells(at now: UInt64) -> [UInt64] {
            [idleSince.map { now &- $0 } ?? 0, idleState, frequencySince.map { now &- $0 } ?? 0, frequency]
        }
    }

    /// What came of it.
    struct Outcome: Codable, Equatable {
        /// Before the program was run, nanoseconds of `CLOCK_MONOTONIC`.
        var begin: UInt64 = 0
        /// After it.
        var end: UInt64 = 0
        /// The processor's four cells before and after; none for a processor that has none.
        var before: [UInt64] = []
        var after: [UInt64] = []
        /// What was added to cells of times, by their table and number; only of those that changed.
        var added: [String: UInt64] = [:]
        /// How many cells of other processors changed.
        var strays = 0
    }

    var kind: Kind
    var processor: UInt32
    var state: UInt32
    var known: Known

    /// The cells that the kern half has for a processor.
    static let cells = 4
    /// The tables of times.
    static let idleTable = "cstate_duration"
    static let frequencyTable = "pstate_duration"

    var title: String {
        "\(kind.rawValue) \(Int32(bitPattern: state)) of processor \(processor) after "
            + "\(Int64(bitPattern: known.idleState)), \(known.frequency)"
            + (known.idleSince == nil ? ", idle never" : "") + (known.frequencySince == nil ? ", frequency never" : "")
            + ((known.idleSince ?? 0) > UInt64(UInt32.max) ? ", long ago" : "")
    }

    /// What must have come of it, if the program read the clock at a moment.
    ///
    /// The source's ways are followed: a state counts in the row of the processor even where it has no column, the time after a
    /// change of the frequency is booked at the new one, and a change to a frequency without a column moves the time as well
    /// unless the processor goes idle.
    func expected(from before: [UInt64], at now: UInt64) -> (after: [UInt64], added: [String: UInt64]) {
        guard processor < UInt32(IdleLedger.rows) else { return ([], [:]) }
        var (after, added) = (before, [String: UInt64]())
        let column = { (frequency: UInt64) in IdleLedger.frequencies.firstIndex(of: frequency) }
        let row = Int(processor) * IdleLedger.frequencies.count
        switch kind {
        case .idleState:
            after[1] = UInt64(state)
            after[0] = now
            guard before[0] != 0 else { break }
            if state == IdleLedger.awake {
                let cell = processor * UInt32(IdleLedger.columns) &+ UInt32(truncatingIfNeeded: before[1])
                if cell < UInt32(IdleLedger.rows * IdleLedger.columns) {
                    added["\(Self.idleTable) \(cell)"] = now &- before[0]
                }
            } else {
                guard before[2] != 0, let column = column(before[3]) else { break }
                added["\(Self.frequencyTable) \(row + column)"] = now &- before[2]
            }
            if before[2] != 0 { after[2] = now }
        case .frequency:
            after[3] = UInt64(state)
            after[2] = now
            guard before[2] != 0, before[1] == UInt64(IdleLedger.awake), let column = column(UInt64(state)) else {
                break
            }
            added["\(Self.frequencyTable) \(row + column)"] = now &- before[2]
        }
        return (after, added)
    }

    /// The moment at which the program read the clock, by what it left.
    func moment(_ outcome: Outcome) -> UInt64? {
        let cell = kind == .idleState ? 0 : 2
        return outcome.after.indices.contains(cell) ? outcome.after[cell] : nil
    }

    // MARK: The changes

    /// More nanoseconds than 32 bits hold.
    private static let long: UInt64 = 5_000_000_000

    static let all: [HandedChange] = (0..<UInt32(IdleLedger.rows)).flatMap(changes) + beyond

    /// Every branch, on a processor.
    private static func changes(of processor: UInt32) -> [HandedChange] {
        let awake = UInt64(IdleLedger.awake)
        let frequencies = IdleLedger.frequencies
        let own = frequencies[IdleLedger.frequencyColumn(Int(processor))]
        func idle(_ state: UInt32, _ known: Known) -> HandedChange {
            HandedChange(kind: .idleState, processor: processor, state: state, known: known)
        }
        func frequency(_ frequency: UInt64, _ known: Known) -> HandedChange {
            HandedChange(kind: .frequency, processor: processor, state: UInt32(frequency), known: known)
        }
        let leaving = [0, 1, 2, 3, 7, awake].map { state in
            idle(
                IdleLedger.awake,
                Known(idleSince: 70_000, idleState: state, frequencySince: 90_000, frequency: own)
            )
        }
        let entering = (frequencies + [own - 1, own + 1, 0]).enumerated().map { index, frequency in
            idle(
                UInt32(index % 4),
                Known(idleSince: 50_000, idleState: awake, frequencySince: 60_000, frequency: frequency)
            )
        }
        let changing = (frequencies + [own - 1, own + 1, 0]).map { next in
            frequency(next, Known(idleSince: 30_000, idleState: awake, frequencySince: 40_000, frequency: own))
        }
        return leaving + entering + changing + [
            idle(1, Known()),
            idle(IdleLedger.awake, Known(idleState: 1, frequencySince: 1000, frequency: own)),
            idle(IdleLedger.awake, Known(idleSince: 20_000, idleState: 1)),
            idle(2, Known(idleSince: 20_000, idleState: awake, frequency: own)),
            idle(IdleLedger.awake, Known(idleSince: long, idleState: 2, frequencySince: 1000, frequency: own)),
            idle(0, Known(idleSince: long, idleState: awake, frequencySince: long, frequency: own)),
            frequency(own, Known(idleSince: long, idleState: awake, frequencySince: long, frequency: frequencies[0])),
            frequency(own, Known()),
            frequency(own, Known(idleState: awake, frequency: frequencies[1])),
            frequency(own, Known(idleSince: 10_000, idleState: 0, frequencySince: 20_000, frequency: own)),
            frequency(own, Known(idleSince: 10_000, idleState: 2, frequencySince: 20_000, frequency: own)),
        ]
    }

    /// Processors that the kern half has no row for.
    private static let beyond: [HandedChange] = [8, 9, 63].flatMap { processor in
        [
            HandedChange(kind: .idleState, processor: processor, state: IdleLedger.awake, known: Known()),
            HandedChange(kind: .idleState, processor: processor, state: 1, known: Known()),
            HandedChange(kind: .frequency, processor: processor, state: 208_000, known: Known()),
        ]
    }
}
