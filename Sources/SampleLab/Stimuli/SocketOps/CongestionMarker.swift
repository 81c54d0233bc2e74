import LibBPF
public import LinuxHost

/// Marks every packet that sockets of a cgroup send and that may be marked as having met congestion (RFC 3168: CE).
///
/// Needs `CONFIG_INET` and `CONFIG_CGROUP_BPF`.
public struct CongestionMarker: ~Copyable {
    private let filter: CgroupFilter

    /// Starts to mark.
    ///
    /// - Throws: `SystemCallError` with what bpf(2) says.
    public init(_ cgroup: ControlGroup) throws(SystemCallError) {
        // bpf_skb_ecn_set_ce(skb), then 1: the packet passes.
        filter = try CgroupFilter(
            [.call(.markCongestion), .move(.r0, 1), .exit],
            at: .cgroupEgress,
            of: cgroup,
            "a marker of congestion"
        )
    }

    /// Ends it; the marker must last until this point.
    public consuming func remove() {}
}
