import Testing

@testable import LinuxHost

struct KernelTaintTests {
    @Test func `new marks of splats are told, and no others`() {
        let before = KernelTaint(bits: 1 << 12)
        // A module's marks are none of a splat.
        #expect(KernelTaint(bits: 1 << 12 | 1 << 13 | 1).splats(since: before).isEmpty)
        let after = KernelTaint(bits: 1 << 12 | 1 << 9 | 1 << 7)
        #expect(
            after.splats(since: before).map { $0.prefix(50) } == [
                "WARNING: the kernel marked itself for an oops or B",
                "WARNING: the kernel marked itself for a warning (b",
            ]
        )
        // What was there before is nobody's fault now.
        #expect(after.splats(since: after).isEmpty)
        #expect(after.splats(since: before).allSatisfy(KernelLog.isSplat))
    }

    @Test func `the running kernel has marks that can be read`() {
        #expect(KernelTaint().splats(since: KernelTaint()).isEmpty)
    }
}
