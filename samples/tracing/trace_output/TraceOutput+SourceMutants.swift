import SampleKit

extension TraceOutput {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("bpf_get_current_pid_tgid", 1, "bpf_get_current_uid_gid", "takes the user for the process"),
        SourceMutant("0x12345678", 1, "0x12345679", "writes another cookie"),
        SourceMutant("0", 1, "BPF_F_CURRENT_CPU", "writes to every processor's event"),
        SourceMutant("sys_write", 1, "sys_writev", "looks at writev"),
        SourceMutant("0x12345678", 1, "0x1234567812345678", "writes more into the cookie"),
    ]
}
