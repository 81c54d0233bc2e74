public import LibBPF
public import RunModel

/// What a sample shows, what it is judged by and what it needs.
public struct Manifest: Sendable {
    /// What the sample shows, in a sentence.
    public let summary: String
    /// What its oracle demands, in a sentence.
    public let oracle: String
    /// The files of the kern half in the kernel tree, each of which becomes an object of its own.
    ///
    /// Most samples have one. One that upstream writes as instructions in its user half, or that has only maps, has none; it
    /// needs no tree and no compiler.
    public let kernSources: [KernFile]
    /// The kern half of a sample that has no such file: what upstream's user half hands to bpf(2) itself.
    ///
    /// Beside files it stands in for them where a tree rightly has none that could work: upstream has taken the sample out, or
    /// the tree is older than ``oldestTree``.
    public let instructions: KernInstructions?
    /// The types of its programs in the kernel's words, such as `SOCKET_FILTER`; filters select by them.
    public let programTypes: [String]
    /// What the kernel must have; an option that is off makes the sample a SKIP that names it.
    public let needs: [Need]
    /// What was written among the needs and is none; empty in every manifest of the catalogue.
    public let misspelledNeeds: [String]
    /// Kernel options that let the oracle look at more and that it does without; a guest loads their modules.
    public let helpfulOptions: [String]
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
        kernSources: [KernFile] = [],
        instructions: KernInstructions? = nil,
        programTypes: [String],
        needs: NeedList,
        helpfulOptions: [String] = [],
        unseenHelpers: [String: String] = [:],
        oldestTree: OldestTree? = nil,
        timeout: Duration = .seconds(10),
        runsAlone: Bool = false
    ) {
        self.summary = summary
        self.oracle = oracle
        self.kernSources = kernSources
        self.instructions = instructions
        self.programTypes = programTypes
        self.needs = needs.needs
        misspelledNeeds = needs.misspelled
        self.helpfulOptions = helpfulOptions
        self.unseenHelpers = unseenHelpers
        self.oldestTree = oldestTree
        self.timeout = timeout
        self.runsAlone = runsAlone
    }

    /// The options among the needs, and those that help.
    public var usedOptions: [String] {
        needs.compactMap { if case .option(let name) = $0 { name } else { nil } } + helpfulOptions
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
