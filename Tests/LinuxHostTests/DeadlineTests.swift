import Glibc
import Testing

@testable import LinuxHost

/// Deadlines, also on a machine that stands still.
struct DeadlineTests {
    @Test func `a deadline of no time has passed`() {
        #expect(Deadline(after: .zero).hasPassed)
        #expect(Deadline(after: .seconds(-1)).hasPassed)
        #expect(!Deadline(after: .seconds(60)).hasPassed)
    }

    @Test func `a question is asked at least once and gives up in time`() {
        var asked = 0
        #expect(
            !Deadline(after: .zero).poll(everyMilliseconds: 1) {
                asked += 1
                return false
            }
        )
        #expect(asked == 1)
        #expect(
            Deadline(after: .seconds(1)).poll(everyMilliseconds: 1) {
                asked += 1
                return asked == 3
            }
        )
    }

    /// A deadline with a known delay of the process's waits while it ran.
    ///
    /// Other tests' waits may be late as well, and add to it; none takes away.
    private func delayed(_ length: Duration, by milliseconds: UInt64) -> Deadline {
        let deadline = Deadline(after: length)
        Deadline.note(taken: milliseconds * 1_000_000, asked: 0)
        return deadline
    }

    @Test func `a delay of a wait is added to the time`() {
        #expect(delayed(.seconds(10), by: 3_000).milliseconds > 12_000)
    }

    @Test func `a delay that is usual is not`() {
        let deadline = Deadline(after: .seconds(10))
        for _ in 0..<10_000 { Deadline.note(taken: 15_000_000, asked: 1_000_000) }
        // Counted, ten thousand of them would come to 140 s, and the time to its limit of 50 s.
        #expect(deadline.milliseconds < 20_000)
    }

    @Test func `no more than four times the time is added`() {
        let start = Deadline.now
        let deadline = delayed(.milliseconds(300), by: 3_000)
        #expect(deadline.milliseconds > 300)
        #expect(deadline.milliseconds <= 1_500)
        while !deadline.hasPassed, Deadline.now - start < 10_000_000_000 { deadline.pause(milliseconds: 5) }
        #expect(deadline.hasPassed)
        #expect(Deadline.now - start >= 1_500_000_000)
    }

    @Test func `nothing is added to no time at all`() {
        #expect(delayed(.zero, by: 200).hasPassed)
        #expect(delayed(.zero, by: 200).milliseconds == 0)
    }

    @Test func `a wait for a descriptor ends`() throws {
        var ends: [CInt] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let start = Deadline.now
        #expect(!Deadline(after: .milliseconds(120)).waitReadable(ends[0]))
        #expect(Deadline.now - start >= 120_000_000)
        #expect(write(ends[1], "x", 1) == 1)
        #expect(Deadline(after: .zero).waitReadable(ends[0]))
    }
}
