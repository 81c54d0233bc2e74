import LibBPF
import Testing

@testable import TracingSamples

@Suite struct IdleLedgerTests {
    static let awake = UInt64(IdleLedger.awake)

    /// A ledger of changes `(time, processor, state)`, which the second recorder saw 10 ns later.
    private func ledger(_ changes: [(UInt64, UInt64, UInt64)], unseen: Set<UInt64> = []) -> IdleLedger {
        IdleLedger(
            before: changes.map { .init(time: $0.0, first: $0.2, second: $0.1) },
            after: changes.filter { !unseen.contains($0.0) }.map { .init(time: $0.0 + 10, first: $0.2, second: $0.1) }
        )
    }

    private func reading(
        at begin: UInt64,
        time: UInt64 = 0,
        state: UInt64 = 0,
        _ cells: [UInt64] = [0, 0, 0]
    ) -> IdleLedger.Reading {
        .init(begin: begin, end: begin + 50, time: time, state: state, cells: cells)
    }

    @Test func `the first change sets the time only`() throws {
        let book = ledger([(1000, 0, Self.awake), (2000, 0, 1), (5000, 0, Self.awake)])
        let cells = try #require(book.bounds([0: reading(at: 500)], [0: reading(at: 6000, [0, 3000, 0])]))
        #expect(cells[1] == .init(low: 2990, high: 3010, durations: 1, added: 3000))
        #expect(cells[0] == .init())
    }

    @Test func `an enter as the first change counts from there`() throws {
        let book = ledger([(1000, 0, 1), (2000, 0, Self.awake)])
        let cells = try #require(book.bounds([0: reading(at: 500)], [0: reading(at: 6000)]))
        #expect(cells[1] == .init(low: 990, high: 1010, durations: 1, added: 0))
    }

    @Test func `what the kern half knew at the first reading is carried on`() throws {
        let book = ledger([(100, 0, 1), (300, 0, Self.awake), (1000, 0, 0), (1500, 0, Self.awake)])
        let first = reading(at: 600, time: 305, state: Self.awake, [7, 8, 9])
        let cells = try #require(book.bounds([0: first], [0: reading(at: 6000, [507, 8, 9])]))
        #expect(cells[0] == .init(low: 490, high: 510, durations: 1, added: 500, initial: 7))
        #expect(cells[1] == .init(initial: 8))
    }

    @Test func `entering twice drops the first duration`() throws {
        let book = ledger([(1000, 0, 0), (2000, 0, 1), (2500, 0, Self.awake)])
        let cells = try #require(book.bounds([0: reading(at: 500)], [0: reading(at: 6000)]))
        #expect(cells[0] == .init())
        #expect(cells[1]?.durations == 1)
        #expect(cells[1]?.low == 490)
    }

    @Test func `state 3 spills into the next row`() throws {
        let book = ledger([(1000, 0, 3), (2000, 0, Self.awake)])
        let first = [0: reading(at: 500), 1: reading(at: 600)]
        let cells = try #require(book.bounds(first, [0: reading(at: 6000), 1: reading(at: 6100)]))
        #expect(cells[3] == .init(low: 990, high: 1010, durations: 1, added: 0))
        // Between the readings of the two rows nobody can say whether it was in.
        let late = try #require(
            book.bounds([0: reading(at: 500), 1: reading(at: 1980)], [0: reading(at: 6000), 1: reading(at: 6100)])
        )
        #expect(late[3] == .init(low: 0, high: 1010, durations: 0, added: 0))
    }

    @Test func `leaving twice spills into the row before`() throws {
        let book = ledger([(1000, 1, Self.awake), (2000, 1, Self.awake)])
        let first = [0: reading(at: 500), 1: reading(at: 600)]
        let cells = try #require(book.bounds(first, [0: reading(at: 6000), 1: reading(at: 6100)]))
        #expect(cells[2]?.low == 990)
    }

    @Test func `a processor beyond the map counts nowhere`() throws {
        let book = ledger([(1000, 8, 1), (2000, 8, Self.awake), (1000, 9, 0), (2000, 9, Self.awake)])
        let cells = try #require(book.bounds([7: reading(at: 500)], [7: reading(at: 6000)]))
        #expect(cells.values.allSatisfy { $0.high == 0 })
    }

    @Test func `a record with a hole says nothing`() {
        let changes: [(UInt64, UInt64, UInt64)] = [(1000, 0, 1), (2000, 0, Self.awake)]
        #expect(ledger(changes, unseen: [2000]).bounds([0: reading(at: 500)], [0: reading(at: 6000)]) == nil)
        // A change while the cells were read.
        #expect(ledger(changes).bounds([0: reading(at: 980)], [0: reading(at: 6000)]) == nil)
        #expect(ledger(changes).bounds([0: reading(at: 500)], [0: reading(at: 1960)]) == nil)
    }

    @Test func `changes of one tick of a coarse clock are told apart by their order`() throws {
        let changes: [(UInt64, UInt64, UInt64)] = [
            (1000, 0, 1), (5000, 0, Self.awake), (5000, 0, 1), (5000, 0, Self.awake), (5000, 0, 0),
            (9000, 0, Self.awake),
        ]
        let firings = changes.map { TracepointRecorder.Firing(time: $0.0, first: $0.2, second: $0.1) }
        let book = IdleLedger(before: firings, after: firings)
        let cells = try #require(book.bounds([0: reading(at: 500)], [0: reading(at: 12000, [4000, 4000, 0])]))
        #expect(cells[1] == .init(low: 4000, high: 4000, durations: 2, added: 4000))
        #expect(cells[0] == .init(low: 4000, high: 4000, durations: 1, added: 4000))
        // A recorder that began between two ticks has no part in the first.
        let late = IdleLedger(before: firings, after: Array(firings.dropFirst()))
        #expect(late.bounds([0: reading(at: 500)], [0: reading(at: 12000)]) == nil)
        #expect(late.bounds([0: reading(at: 2000)], [0: reading(at: 12000)]) != nil)
    }

    @Test func `idle time is clipped to what is asked for`() {
        let book = ledger([(1000, 0, 1), (5000, 0, Self.awake), (5100, 0, 1), (9000, 0, Self.awake)])
        #expect(book.idle(0, from: 2000, to: 6000) == 3900)
        #expect(book.idle(0, from: 0, to: 900) == 0)
        #expect(book.idle(1, from: 0, to: 9000) == 0)
    }
}
