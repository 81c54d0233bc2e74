import BPFProbe
import SystemPackage
import Testing

@testable import LibBPF
@testable import LinuxHost
@testable import SampleWorker

/// What an object that the kernel refuses with `EPERM` is told.
struct RefusedLoadTests {
    @Test(arguments: [("5.10.223", true), ("4.19", true), ("5.11", false), ("6.18.44-fc", false), ("x", false)])
    func `memory counts against the limit before Linux 5.11 alone`(release: String, counts: Bool) {
        #expect(ObjectError.countsMemory(on: release) == counts)
    }

    @Test func `rights are missed by name`() {
        #expect(ObjectError.missingRights(Privileges(effective: 1 << 21, lockdown: nil)) == [])
        #expect(
            ObjectError.missingRights(Privileges(effective: 0, lockdown: nil)) == [
                "CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN",
            ]
        )
    }

    @Test func `libbpf's guess at a limit is not repeated`() {
        let error = ObjectError(
            phase: .load,
            cause: SystemCallError("bpf_object__load()", on: "x", errno: .notPermitted),
            log: [
                "libbpf: prog 'p': BPF program load failed: Operation not permitted",
                "libbpf: permission error while running as root; try raising 'ulimit -l'? current value: 8.0 MiB",
            ]
        )
        #expect(error.hasMemoryLimit)
        #expect(error.lastUsefulLines() == ["libbpf: prog 'p': BPF program load failed: Operation not permitted"])
    }
}
