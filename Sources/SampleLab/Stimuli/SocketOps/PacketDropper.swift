import LibBPF
public import LinuxHost
import SystemPackage

/// Drops packets of some lengths that come in for sockets of a cgroup.
///
/// A program on the cgroup's way in (`BPF_CGROUP_INET_INGRESS`), which dies with its process.
/// Needs `CONFIG_INET` and `CONFIG_CGROUP_BPF`.
public struct PacketDropper: ~Copyable {
    private let link: OwnedDescriptor

    /// Starts to drop packets whose length, from the IP header on, lies within bounds.
    ///
    /// - Throws: `SystemCallError` with what bpf(2) says.
    public init(_ cgroup: ControlGroup, lengths: ClosedRange<Int32>) throws(SystemCallError) {
        // 1 lets the packet pass; `len` is the first member of struct __sk_buff.
        let loaded = RawProgram(type: .cgroupPacket, attachType: AttachType.cgroupIngress.rawValue).load(
            [
                .load(.r2, from: .r1, 0, width: .word),
                .move(.r0, 1),
                .jump(over: 2, if: .r2, .less, lengths.lowerBound),
                .jump(over: 1, if: .r2, .greater, lengths.upperBound),
                .move(.r0, 0),
                .exit,
            ],
            log: VerifierLog()
        )
        let refusal = loaded.refusal
        guard let program = loaded.descriptor() else {
            throw SystemCallError("bpf(BPF_PROG_LOAD)", on: "a dropper of packets", errno: refusal ?? .invalidArgument)
        }
        let directory = try cgroup.open()
        let made = RawLink.create(
            program.number,
            to: UInt32(directory.number),
            attachType: AttachType.cgroupIngress.rawValue
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

    /// Ends it; the dropper must last until this point.
    public consuming func remove() {}
}
