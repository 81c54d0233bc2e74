import RunModel
import Testing

@Suite struct `a need` {
    @Test(arguments: [
        Need.option("CONFIG_KPROBES"), .kernel(KernelVersion(5, 10)), .kernel(KernelVersion(6, 1, 192)),
        .privilege("CAP_BPF"), .attach("kprobe"), .helper("bpf_probe_write_user"), .device("infiniband"),
        .device("\u{301}mark"), .source("xdp1_kern.c"), .layout("power/cpu_idle"), .idleProcessors,
    ])
    func `survives its one-word form`(need: Need) {
        #expect(Need(need.description) == need)
    }

    @Test(arguments: [
        "", "KPROBES", "CONFIG_", "kernel>=", "kernel>=six", "kernel>5.10", "privilege:", "attach:", "helper:",
        "device:", "Device:x", "source:", "layout:", "clang>=", "clang>=0", "clang>=+6", "clang>=16.1",
        "idle-processors:", "idle",
    ])
    func `is not read from anything else`(text: String) {
        #expect(Need(text) == nil)
    }

    @Test(
        arguments: [
            ("6.1.192", KernelVersion(6, 1, 192)), ("4.19", KernelVersion(4, 19)),
            ("6.18.44-fc", KernelVersion(6, 18, 44)),
            ("6.1.0-56-amd64", KernelVersion(6, 1)), ("6.12-rc1", KernelVersion(6, 12)), ("6", nil), ("", nil),
            ("a.b", nil),
            ("6..1", nil), ("99999999999999999999.1", nil),
        ] as [(String, KernelVersion?)]
    )
    func `reads the version a release begins with`(release: String, version: KernelVersion?) {
        #expect(KernelVersion(release) == version)
    }

    @Test func `orders versions by number`() {
        #expect(KernelVersion(5, 10) > KernelVersion(5, 9, 99))
        #expect(KernelVersion(6, 1, 192) > KernelVersion(6, 1, 20))
    }
}
