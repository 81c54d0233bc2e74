/// Whether anybody can still hold the BPF objects that a dead worker made.
///
/// An object stays for as long as something refers to it: a descriptor, a pin, an attachment. What a sample attaches to (its network
/// namespace, its cgroup, events of its own) ends with it. So where its cgroup is gone, no process has a descriptor, nothing was pinned
/// meanwhile, and the kernel has freed what another worker made and gave up in the same way, what is left was kept by the kernel.
public struct LeakCustody: Sendable, Hashable, Codable {
    /// Why something other than the kernel may hold them; empty where nothing can.
    public var doubts: [String]
    /// What was looked at, a line each.
    public var evidence: [String]

    /// Creates an account.
    public init(doubts: [String] = [], evidence: [String] = []) {
        self.doubts = doubts
        self.evidence = evidence
    }

    /// Whether the kernel is at fault.
    public var isKernels: Bool { doubts.isEmpty }
}
