import CLibbpf

/// Program types by section name, for names that the kernel's old sample loader knew and libbpf 1.x does not.
///
/// The old loader (`samples/bpf/bpf_load.c`, gone since 5.13) went by prefix, as this table does. It is asked only where
/// libbpf itself finds no type. Names that only tc(8) or ip(8) were ever handed stand in it whole.
package enum SectionTypes {
    struct Entry: Sendable {
        let prefix: String
        let type: bpf_prog_type
        let attachType: bpf_attach_type?
    }

    private static let table: [Entry] = [
        Entry(prefix: "socket", type: BPF_PROG_TYPE_SOCKET_FILTER, attachType: nil),
        Entry(prefix: "xdp", type: BPF_PROG_TYPE_XDP, attachType: BPF_XDP),
        Entry(prefix: "cgroup/sock", type: BPF_PROG_TYPE_CGROUP_SOCK, attachType: BPF_CGROUP_INET_SOCK_CREATE),
    ]

    /// Sections that the samples' scripts hand tc(8) or ip(8) by their whole name.
    ///
    /// ip(8) takes the type from the hook that it is told; `xmit` is the one whose programs may do all that the samples' do.
    private static let named: [String: bpf_prog_type] = Dictionary(
        uniqueKeysWithValues: [
            "clone_redirect_recv", "clone_redirect_xmit", "filter", "ldabs", "redirect_recv", "redirect_xmit", "simple",
            "tc_mark", "varlen",
        ].map { ($0, BPF_PROG_TYPE_SCHED_CLS) }
            + [
                "drop_all", "fill_garbage", "fill_garbage_and_redirect", "len_hist", "nop", "push_ll_and_redirect",
                "push_ll_and_redirect_silent", "test_cb", "test_ctx", "test_data", "test_rewrite",
            ].map { ($0, BPF_PROG_TYPE_LWT_XMIT) }
    )

    /// The type of a section that only tc(8) or ip(8) were ever handed, in the kernel's words; `nil` for any other name.
    package static func typeName(ofNamed section: String) -> String? {
        switch named[section] {
        case BPF_PROG_TYPE_SCHED_CLS: "SCHED_CLS"
        case BPF_PROG_TYPE_LWT_XMIT: "LWT_XMIT"
        default: nil
        }
    }

    /// What tc(8) loads, whatever the section's name.
    static let trafficControl = Entry(prefix: "", type: BPF_PROG_TYPE_SCHED_CLS, attachType: nil)

    /// The entry of a section's name, or that with the longest prefix of it.
    static func entry(for section: String) -> Entry? {
        if let type = named[section] { return Entry(prefix: section, type: type, attachType: nil) }
        return table.filter { section.hasPrefix($0.prefix) }.max { $0.prefix.count < $1.prefix.count }
    }
}
