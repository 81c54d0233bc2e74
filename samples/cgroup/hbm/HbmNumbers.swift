/// Numbers one after another, of which those that are as expected are left out.
///
/// An observation travels over a guest's serial port, a byte at a time: what a thousand packets did must not take long.
struct HbmNumbers {
    /// Which numbers stand here, from bit 0 on.
    private var places = 0
    private var numbers: [Int] = []
    /// The number that is next.
    private var place = 0
    /// Those that are read.
    private var taken = 0
    private let isReading: Bool

    /// Begins to write.
    init() { isReading = false }

    /// Begins to read what was written.
    init(_ written: [Int]) {
        isReading = true
        places = written.first ?? 0
        numbers = Array(written.dropFirst())
    }

    /// What was written; less stands for nothing but what was expected.
    var written: [Int] { [places] + numbers }

    /// Writes or reads a number: nothing where it is the expected one, else how far it is from another.
    mutating func code(_ value: inout Int, unless expected: Int, from base: Int = 0) {
        let bit = 1 << place
        place += 1
        if !isReading {
            guard value != expected else { return }
            places |= bit
            numbers.append(value &- base)
        } else if places & bit != 0, taken < numbers.count {
            value = numbers[taken] &+ base
            taken += 1
        } else {
            value = expected
        }
    }

    /// The numbers that are left, of which there may be any.
    mutating func code(rest: inout [Int]) {
        if isReading { rest = Array(numbers.dropFirst(taken)) } else { numbers += rest }
    }

    /// A queue at a moment, that may be like another.
    mutating func code(_ queue: inout HbmQueue, like other: HbmQueue, at moment: Int) {
        var (credit, rate) = (Int(queue.credit), Int(queue.rate))
        code(&queue.time, unless: other.time, from: moment)
        code(&credit, unless: Int(other.credit))
        code(&rate, unless: Int(other.rate))
        queue = HbmQueue(time: queue.time, credit: credit, rate: rate)
    }

    /// What was counted, most often of one packet alone.
    mutating func code(_ counts: inout HbmCounts, asked: HbmCounts, _ queue: HbmQueue, at moment: Int) {
        code(&counts.rate, unless: asked.rate)
        code(&counts.flags, unless: asked.flags)
        code(&counts.packets, unless: 1)
        code(&counts.bytes, unless: 0)
        code(&counts.first, unless: 0, from: moment)
        code(&counts.last, unless: counts.first, from: moment)
        code(&counts.credits, unless: Int(queue.credit))
        for value in 0...3 { code(&counts[returned: value], unless: value == 1 ? 1 : 0) }
        code(&counts.dropped, unless: 0)
        code(&counts.droppedBytes, unless: counts.dropped == 0 ? 0 : counts.bytes)
        code(&counts.marked, unless: 0)
        code(&counts.markedBytes, unless: counts.marked == 0 ? 0 : counts.bytes)
        code(&counts.congested, unless: 0)
        code(&counts.windows, unless: 0)
        code(&counts.windowCount, unless: counts.windows == 0 ? 0 : 1)
        code(&counts.roundTrips, unless: 0)
    }
}

/// What came of trials, one after another.
struct HbmOutcomes: Codable, Hashable {
    var list: [HbmTrial.Outcome] = []

    init() {}

    /// Reads them, each by the one before it.
    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        while !container.isAtEnd {
            var (outcome, written) = (HbmTrial.Outcome(answer: "ok"), [Int]())
            var members = try container.nestedUnkeyedContainer()
            while !members.isAtEnd {
                if let number = try? members.decode(Int.self) {
                    written.append(number)
                } else {
                    outcome.answer = try members.decode(String.self)
                }
            }
            var numbers = HbmNumbers(written)
            outcome.code(by: &numbers, after: list.last ?? HbmTrial.Outcome())
            list.append(outcome)
        }
    }

    /// Writes them, each by the one before it.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        var last = HbmTrial.Outcome()
        for var outcome in list {
            var numbers = HbmNumbers()
            outcome.code(by: &numbers, after: last)
            var members = container.nestedUnkeyedContainer()
            for number in numbers.written { try members.encode(number) }
            if outcome.answer != "ok" { try members.encode(outcome.answer) }
            last = outcome
        }
    }
}

extension HbmTrial.Outcome {
    fileprivate mutating func code(by numbers: inout HbmNumbers, after last: HbmTrial.Outcome) {
        numbers.code(&began, unless: 0, from: last.began)
        numbers.code(&ended, unless: 0, from: began)
        numbers.code(&before, like: last.after, at: began)
        numbers.code(&after, like: before, at: began)
        numbers.code(&counts, asked: last.counts, after, at: began)
        numbers.code(&departure, unless: 0, from: began)
        numbers.code(rest: &arrivals)
    }
}

extension HbmSegment: Codable {
    init(from decoder: any Decoder) throws {
        self.init()
        var numbers = HbmNumbers(try decoder.singleValueContainer().decode([Int].self))
        code(by: &numbers)
    }

    func encode(to encoder: any Encoder) throws {
        var (numbers, copy) = (HbmNumbers(), self)
        copy.code(by: &numbers)
        var container = encoder.singleValueContainer()
        try container.encode(numbers.written)
    }

    private mutating func code(by numbers: inout HbmNumbers) {
        numbers.code(&began, unless: 0)
        numbers.code(&ended, unless: 0, from: began)
        numbers.code(&before, like: HbmQueue(), at: began)
        numbers.code(&after, like: before, at: began)
        numbers.code(&counts, asked: HbmCounts(), after, at: began)
        knew.code(by: &numbers, like: HbmConnection.State())
        knows.code(by: &numbers, like: knew)
        numbers.code(&arrived, unless: 1)
    }
}

extension HbmConnection.State {
    fileprivate mutating func code(by numbers: inout HbmNumbers, like other: HbmConnection.State) {
        numbers.code(&window, unless: other.window)
        numbers.code(&roundTrip, unless: other.roundTrip)
        numbers.code(&outstanding, unless: other.outstanding)
        numbers.code(&threshold, unless: other.threshold)
    }
}
