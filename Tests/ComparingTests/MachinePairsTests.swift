import Comparing
import RunModel
import Testing

extension `two runs` {
    @Test func `of two kernels in machines of one kind belong together`() {
        let comparison = Self.compare(
            Self.result(.pass, machine: "vm:6.1.0"),
            Self.result(.fail, .oracle, machine: "vm:6.12.0")
        )
        #expect(comparison.changes.map(\.kind) == [.regression] && comparison.common == 1)
        #expect(comparison.changes[0].before?.machine == "vm:6.1.0" && comparison.changes[0].machine == "vm:6.12.0")
        #expect(comparison.machines == [MachinePair(before: "vm:6.1.0", after: "vm:6.12.0")])
    }

    @Test func `of one machine each belong together, be it a host and a virtual machine`() {
        let comparison = Self.compare(Self.result(.pass), Self.result(.fail, .oracle, machine: "vm:6.12.0"))
        #expect(comparison.changes.map(\.kind) == [.regression])
        #expect(comparison.machines == [MachinePair(before: "host", after: "vm:6.12.0")])
    }

    @Test func `keep apart what nobody can tell apart, and a host from a virtual machine`() {
        let old = [Self.result(.pass, machine: "vm:6.1"), Self.result(.pass, machine: "vm:6.6")]
        let new = [Self.result(.fail, machine: "vm:6.12"), Self.result(.fail, machine: "vm:6.6")]
        let comparison = RunComparison(of: Self.record(old), to: Self.record(new + [Self.result(.fail)]))
        // 6.6 is in both; 6.1 and 6.12 are then the only ones left of their kind; the host is new.
        #expect(comparison.changes.map(\.kind) == [.regression, .regression, .new])
        let three = RunComparison(
            of: Self.record(old),
            to: Self.record(["a", "b"].map { Self.result(.fail, machine: "vm:\($0)") })
        )
        #expect(three.common == 0 && three.changes.map(\.kind) == [.new, .new, .gone, .gone])
        #expect(three.machines.isEmpty)
    }

    @Test func `pair machines and not cells, so that a sample is never compared with one of a third machine`() {
        let old = [
            Self.result(.pass, sample: "a", machine: "vm:1"), Self.result(.pass, sample: "b", machine: "vm:2"),
        ]
        let new = [Self.result(.fail, sample: "a", machine: "vm:3"), Self.result(.fail, sample: "b", machine: "vm:4")]
        #expect(RunComparison(of: Self.record(old), to: Self.record(new)).common == 0)
    }
}
