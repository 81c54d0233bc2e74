import LibBPF
public import LinuxHost
import SystemPackage

/// Marks every packet that sockets of a cgroup send and that may be marked as having met congestion (RFC 3168: CE).
///
/// A program of two instructions on the cgroup's way out (`BPF_CGROUP_INET_EGRESS`), which dies with its process.
/// Needs `CONFIG_INET` and `CONFIG_CGROUP_BPF`.
public struct CongestionMarker: ~Copyable {
    private let link: OwnedDescriptor

    /// Starts to mark.
    ///
    /// - Throws: `SystemCallError` with what bpf(2) says.
    public init(_ cgroup: ControlGroup) throws(SystemCallError) {
        // bpf_skb_ecn_set_ce(skb), then 1: the packet passes.
        let loaded = RawProgram(type: .cgroupPacket, attachType: AttachType.cgroupEgress.rawValue)
            .load([.call(.markCongestion), .move(.r0, 1), .exit], log: VerifierLog())
        let refusal = loaded.refusal
        guard let program = loaded.descriptor() else {
            throw SystemCallError(
                "bpf(BPF_PROG_LOAD)",
                on: "a marker of congestion",
                errno: refusal ?? .invalidArgument
            )
        }
        let directory = try cgroup.open()
        let made = RawLink.create(
            program.number,
            to: UInt32(directory.number),
            attachType: AttachType.cgroupEgress.rawValue
        )
        let refused = made.refusal
        guard let link = made.descriptor() else {
            throw SystemCallError(
                "bpf(BPF_LINK_CREATE)",
                on: "cgroup '\(cgroup.path)'",
                errno: refused ?? .invalidArgument
            )
        }
        self.link = link
    }

    /// Ends it; the marker must last until this point.
    public consuming func remove() {}
}
