import RunModel
import SampleKit
import Testing

struct NeedListTests {
    @Test func `needs are read from their text, and what stands twice counts once`() {
        let list: NeedList = .bpf + .veth + ["CONFIG_VETH", "kernel>=5.18", "helper:bpf_fib_lookup"]
        #expect(
            list.needs == [
                .option("CONFIG_BPF_SYSCALL"), .option("CONFIG_PACKET"), .option("CONFIG_VETH"),
                .kernel(KernelVersion(5, 18)), .helper("bpf_fib_lookup"),
            ]
        )
        #expect(list.misspelled == [])
    }

    @Test func `what is no need is kept for a test to find`() {
        let list: NeedList = ["CONFIG_NET", "config_net", "kernel >= 5.18"] + .bpf
        #expect(list.needs == [.option("CONFIG_NET"), .option("CONFIG_BPF_SYSCALL")])
        #expect(list.misspelled == ["config_net", "kernel >= 5.18"])
    }

    @Test func `the named sets hold needs only`() {
        let sets: [NeedList] = [
            .bpf, .tracing, .kprobes, .eventBuffers, .cgroup, .veth, .xdp, .trafficControl, .routePrograms,
        ]
        for set in sets { #expect(!set.needs.isEmpty && set.misspelled == []) }
    }
}
