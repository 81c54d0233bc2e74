/// Which helpers a program type may call.
public struct HelperColumn: Sendable, Hashable, Codable {
    /// The program type, such as `BPF_PROG_TYPE_XDP`.
    public let programType: String
    /// The attach type that was loaded for, where the answers may depend on it.
    public let attachType: String?
    /// Helpers that a program of the type may call, such as `bpf_map_lookup_elem`.
    public var supported: [String] = []
    /// Helpers that only a program of the type that may sleep may call (`BPF_F_SLEEPABLE`).
    public var sleepableOnly: [String] = []
    /// Helpers that it may not call, or that this kernel does not have.
    public var absent: [String] = []
    /// Helpers that were not asked for, since the kernel logs a warning or changes its settings as soon as one is loaded.
    public var notAsked: [String] = []
    /// Helpers whose answer cannot be told from others, with what the kernel said.
    public var inconclusive: [Undecided] = []
    /// Why nothing was asked of this type: the answer to the type itself.
    public var notAskedBecause: ProbeAnswer?

    /// Creates a column without helpers.
    public init(programType: String, attachType: String? = nil) {
        self.programType = programType
        self.attachType = attachType
    }

    /// The program type, with the attach type behind it where one was asked for.
    public var title: String { attachType.map { "\(programType)/\($0)" } ?? programType }

    /// A helper without an answer.
    public struct Undecided: Sendable, Hashable, Codable {
        /// The helper's name.
        public let helper: String
        /// What the kernel said.
        public let reason: String

        /// Creates an entry.
        public init(helper: String, reason: String) {
            self.helper = helper
            self.reason = reason
        }
    }
}
