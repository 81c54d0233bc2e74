import LibBPF
import LinuxHost
import SystemPackage

/// A small program of ours on the packets of a cgroup, which dies with its process.
///
/// Needs `CONFIG_INET` and `CONFIG_CGROUP_BPF`.
struct CgroupFilter: ~Copyable {
    private let link: OwnedDescriptor

    /// Loads a program and attaches it.
    ///
    /// - Parameters:
    ///   - instructions: The program; it returns 1 for a packet that passes and 0 for one that does not.
    ///   - side: `BPF_CGROUP_INET_INGRESS` or `BPF_CGROUP_INET_EGRESS`.
    ///   - cgroup: The cgroup.
    ///   - purpose: What the program is, for messages.
    /// - Throws: `SystemCallError` with what bpf(2) says.
    init(
        _ instructions: [Instruction],
        at side: AttachType,
        of cgroup: ControlGroup,
        _ purpose: String
    ) throws(SystemCallError) {
        let loaded = RawProgram(type: .cgroupPacket, attachType: side.rawValue)
            .load(instructions, log: VerifierLog())
        let refusal = loaded.refusal
        guard let program = loaded.descriptor() else {
            throw SystemCallError("bpf(BPF_PROG_LOAD)", on: purpose, errno: refusal ?? .invalidArgument)
        }
        let directory = try cgroup.open()
        let made = RawLink.create(program.number, to: UInt32(directory.number), attachType: side.rawValue)
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
}
