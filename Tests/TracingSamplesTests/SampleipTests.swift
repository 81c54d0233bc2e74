import CLinux
import Glibc
import LinuxHost
import RunModel
import Testing

@testable import TracingSamples

/// What counts when processors are taken off, and clocks miss ticks.
@Suite struct SampleipTests {
    /// A run on a quiet machine: 300 ticks in the loop, 800 on two processors.
    private func seen(_ change: (inout Sampleip.Observation) -> Void = { _ in }) -> Sampleip.Observation {
        var seen = Sampleip.Observation(
            hertz: 1999,
            processors: 2,
            spun: 150_000_000,
            wall: 200_000_000,
            addresses: 100,
            counted: 780,
            inLoop: 295,
            witnessed: 780,
            witnessedInLoop: 295,
            inKernel: 50,
            witnessedInKernel: 50,
            isOwnLoop: true,
            room: Sampleip.mapCapacity,
            faults: FaultCounts(sites: 1000, right: 1000, happened: 1999, recorded: 1999)
        )
        change(&seen)
        return seen
    }

    /// A clock that ticked so often in the loop, and of which the program saw so many.
    private func thin(_ ticks: UInt64, inLoop: UInt64) -> Sampleip.Observation {
        seen {
            ($0.witnessedInLoop, $0.inLoop) = (ticks, inLoop)
            ($0.witnessed, $0.counted) = (2 * ticks + 20, 2 * inLoop + 20)
            ($0.inKernel, $0.witnessedInKernel) = (10, 10)
        }
    }

    @Test(arguments: [295, 200, 37, 15, 3] as [UInt64])
    func `clocks that agree are judged, whatever both missed`(ticks: UInt64) {
        #expect(Sampleip().judge(thin(ticks, inLoop: ticks)).isPass)
    }

    @Test(arguments: [295, 200, 60, 37] as [UInt64])
    func `a third of the samples lost is a failure, however thin the clock`(ticks: UInt64) {
        #expect(!Sampleip().judge(thin(ticks, inLoop: ticks * 2 / 3)).isPass)
    }

    @Test func `a program that misses every third event fails though its clock seems right`() {
        let judgement = Sampleip().judge(
            seen { ($0.faults.right, $0.faults.missing) = (400, 666) }
        )
        #expect(!judgement.isPass)
    }

    @Test func `each store of the table faults at its own address`() throws {
        let addresses = (0..<lx_store_count()).map { lx_store_address($0) }
        #expect(Set(addresses).count == 1000)
        // Whoever jumps to one comes back, and each time the page was not there.
        for store in [0, 1, 500, 999] {
            let before = Self.faults()
            #expect(lx_fault_at(store, 10) == 0)
            #expect(Self.faults() - before >= 10)
        }
    }

    private static func faults() -> Int {
        var usage = rusage()
        getrusage(numericCast(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_minflt
    }

    @Test func `the loop moves to a place of its own and still spins`() {
        let before = lx_spin_begin()
        #expect(lx_spin(1_000_000) >= 1_000_000)
        #expect(lx_spin_move() == 0)
        #expect(lx_spin_begin() != before && lx_spin_begin() >= 1 << 44 && lx_spin_end() > lx_spin_begin())
        #expect(lx_spin(1_000_000) >= 1_000_000)
    }
}
