import RunModel
import SampleKit
import SampleRun

/// A sample that never touches a kernel: its oracle wants the number 42.
struct FakeSample: Sample {
    struct Observation: Codable, Equatable {
        var number = 0
    }

    static let manifest = Manifest(
        summary: "a number is counted",
        oracle: "it is 42",
        kernSources: ["samples/bpf/fake_kern.c"],
        programTypes: ["XDP"],
        needs: [
            "CONFIG_BPF_SYSCALL", "CONFIG_FAKE", "kernel>=5.10", "helper:bpf_fake",
        ]
    )
    static let examples: [Example<Observation>] = []

    func observe(in arena: borrowing Arena) throws -> Observation { Observation(number: 42) }

    func judge(_ seen: Observation) -> Judgement {
        Judgement([.equal("the number", expected: 42, observed: seen.number)], notReached: ["the other number"])
    }
}

let fakes = [
    CatalogEntry(family: "fake", name: "sockex1", type: FakeSample.self),
    CatalogEntry(family: "fake", name: "xdp1", type: FakeSample.self),
    CatalogEntry(family: "other", name: "xdp_rxq_info", type: FakeSample.self),
]

/// A host on which everything is granted; tests change what they are about.
func goodHost() -> HostFacts {
    HostFacts(
        options: ["CONFIG_BPF_SYSCALL": .on, "CONFIG_FAKE": .on],
        optionSource: "/proc/config.gz",
        version: KernelVersion(6, 18),
        access: .granted
    )
}
