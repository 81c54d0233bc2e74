public import RunModel

/// What a sample shows, what it is judged by and what it needs.
public struct Manifest: Sendable {
    /// What the sample shows, in a sentence.
    public let summary: String
    /// What its oracle demands, in a sentence.
    public let oracle: String
    /// The kern half's path in the kernel tree, such as `samples/bpf/sockex1_kern.c`.
    public let kernSource: String
    /// The types of its programs in the kernel's words, such as `SOCKET_FILTER`; filters select by them.
    public let programTypes: [String]
    /// What the kernel must have; an option that is off makes the sample a SKIP that names it.
    public let needs: [Need]
    /// Helpers that the kern half calls without a visible effect, each with the reason: the oracle cannot tell whether they ran.
    public let unseenHelpers: [String: String]
    /// The oldest kernel tree whose kern half works on the kernels that samples run on; `nil` where any tree's does.
    public let oldestTree: OldestTree?
    /// The longest that a run may take before its process is killed.
    public let timeout: Duration
    /// Whether other samples on the machine would disturb it, so that it runs alone.
    public let runsAlone: Bool

    /// Creates a manifest.
    public init(
        summary: String,
        oracle: String,
        kernSource: String,
        programTypes: [String],
        needs: [Need],
        unseenHelpers: [String: String] = [:],
        oldestTree: OldestTree? = nil,
        timeout: Duration = .seconds(10),
        runsAlone: Bool = false
    ) {
        self.summary = summary
        self.oracle = oracle
        self.kernSource = kernSource
        self.programTypes = programTypes
        self.needs = needs
        self.unseenHelpers = unseenHelpers
        self.oldestTree = oldestTree
        self.timeout = timeout
        self.runsAlone = runsAlone
    }

    /// The kern object's file name: `sockex1_kern.o` for `samples/bpf/sockex1_kern.c`.
    public var object: String {
        let file = kernSource.split(separator: "/").last ?? ""
        return (file.hasSuffix(".c") ? String(file.dropLast(2)) : String(file)) + ".o"
    }

    /// The first tree with a usable kern half.
    public struct OldestTree: Sendable, Hashable {
        /// Its version.
        public let version: KernelVersion
        /// What is wrong with those of older trees, for the end of a sentence about one.
        public let flaw: String

        /// Names a tree and the flaw of those before it.
        public init(_ version: KernelVersion, otherwise flaw: String) {
            self.version = version
            self.flaw = flaw
        }
    }
}
