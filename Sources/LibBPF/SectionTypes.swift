import CLibbpf

/// Program types by section name, for names that the kernel's old sample loader knew and libbpf 1.x does not.
///
/// The old loader (`samples/bpf/bpf_load.c`, gone since 5.13) went by prefix, as this table does. It is asked only where
/// libbpf itself finds no type.
enum SectionTypes {
    struct Entry: Sendable {
        let prefix: String
        let type: bpf_prog_type
        let attachType: bpf_attach_type?
    }

    private static let table: [Entry] = [
        Entry(prefix: "socket", type: BPF_PROG_TYPE_SOCKET_FILTER, attachType: nil),
        Entry(prefix: "xdp", type: BPF_PROG_TYPE_XDP, attachType: BPF_XDP),
        Entry(prefix: "cgroup/sock", type: BPF_PROG_TYPE_CGROUP_SOCK, attachType: BPF_CGROUP_INET_SOCK_CREATE),
        // The section that samples/bpf/lwt_len_hist.sh hands ip(8).
        Entry(prefix: "len_hist", type: BPF_PROG_TYPE_LWT_XMIT, attachType: nil),
    ]

    /// What tc(8) loads, whatever the section's name.
    static let trafficControl = Entry(prefix: "", type: BPF_PROG_TYPE_SCHED_CLS, attachType: nil)

    /// The entry with the longest prefix of a section's name.
    static func entry(for section: String) -> Entry? {
        table.filter { section.hasPrefix($0.prefix) }.max { $0.prefix.count < $1.prefix.count }
    }
}
