import RunModel
import Testing

@testable import BPFProbe

/// What stands around programs on a host, from files that say so.
struct HostConditionTests {
    private static func answer(_ name: String, _ files: [String: String]) -> ProbeAnswer? {
        HostConditions(read: { files[$0] }, exists: { files[$0] != nil }, xdpSocket: { 0 }).answers
            .first { $0.name == name }?.answer
    }

    @Test func `what is not mounted is absent, and nobody refuses it`() {
        let mounts = "tracefs /sys/kernel/tracing tracefs rw 0 0\n"
        #expect(Self.answer("mount:bpf", ["/proc/self/mounts": mounts]) == .absent)
        #expect(Self.answer("mount:tracefs", ["/proc/self/mounts": mounts]) == .supported)
        #expect(Self.answer("mount:bpf", [:]) == .inconclusive("/proc/self/mounts cannot be read"))
    }

    @Test func `a JIT that is switched off is said with its switch`() {
        let answer = Self.answer("subsystem:jit", ["/proc/sys/net/core/bpf_jit_enable": "0\n"])
        #expect(answer?.word == .denied)
        #expect(answer?.reason.flatMap(Refusal.remedy) == "sysctl net.core.bpf_jit_enable=1")
    }
}
