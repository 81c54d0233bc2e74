import LinuxHost
import SystemPackage
import Testing

@testable import LibBPF

struct UsefulLineTests {
    @Test func `what keeps nothing from being loaded is no cause`() {
        let log = [
            "libbpf: elf: skipping unrecognized data section(6) .eh_frame",
            "libbpf: elf: skipping relo section(9) .rel.eh_frame for section(6) .eh_frame",
            "libbpf: prog 'p': BPF program load failed: Operation not permitted",
            "libbpf: permission error while running as root; try raising 'ulimit -l'? current value: 8.0 MiB",
            "libbpf: prog 'p': failed to load: -1", "libbpf: failed to load object 'a.o'",
        ]
        let cause = SystemCallError("bpf_object__load", on: "a.o", errno: .notPermitted)
        let error = ObjectError(phase: .load, cause: cause, log: log)
        #expect(
            error.lastUsefulLines() == [
                "libbpf: prog 'p': BPF program load failed: Operation not permitted",
                "libbpf: prog 'p': failed to load: -1",
            ]
        )
    }
}
