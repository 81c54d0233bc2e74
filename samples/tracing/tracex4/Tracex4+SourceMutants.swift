import SampleKit

extension Tracex4 {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("bpf_map_delete_elem", 1, "(void)", "forgets nothing"),
        SourceMutant("PT_REGS_PARM2", 1, "PT_REGS_PARM1", "forgets caches in place of objects"),
        SourceMutant("BPF_ANY", 1, "BPF_NOEXIST", "keeps what is out of date"),
        SourceMutant("bpf_ktime_get_ns", 1, "bpf_get_smp_processor_id", "keeps the processor in place of the time"),
        SourceMutant("ip", 5, "ptr", "keeps the object in place of the place"),
    ]
}
