import SampleKit

extension TestProbeWriteUser {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant(">", 8, ">=", "leaves whole addresses alone"),
        SourceMutant(">", 8, "!=", "leaves shorter addresses alone"),
        SourceMutant("bpf_probe_write_user", 1, "(void)", "writes nothing"),
        SourceMutant("256", 1, "128", "has half the room"),
        SourceMutant("new_addr", 5, "new_addr.sin_addr", "writes a quarter of the address"),
    ]
}
