import LibBPF
public import LinuxHost

/// Drops packets of some lengths that come in for sockets of a cgroup.
///
/// Needs `CONFIG_INET` and `CONFIG_CGROUP_BPF`.
public struct PacketDropper: ~Copyable {
    private let filter: CgroupFilter

    /// Starts to drop packets whose length, from the IP header on, lies within bounds.
    ///
    /// - Throws: `SystemCallError` with what bpf(2) says.
    public init(_ cgroup: ControlGroup, lengths: ClosedRange<Int32>) throws(SystemCallError) {
        // 1 lets the packet pass; `len` is the first member of struct __sk_buff.
        filter = try CgroupFilter(
            [
                .load(.r2, from: .r1, 0, width: .word),
                .move(.r0, 1),
                .jump(over: 2, if: .r2, .less, lengths.lowerBound),
                .jump(over: 1, if: .r2, .greater, lengths.upperBound),
                .move(.r0, 0),
                .exit,
            ],
            at: .cgroupIngress,
            of: cgroup,
            "a dropper of packets"
        )
    }

    /// Ends it; the dropper must last until this point.
    public consuming func remove() {}
}
