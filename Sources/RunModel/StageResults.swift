/// One kern object's build: a line of the record's `builds`.
public struct BuildResult: Sendable, Hashable, Codable {
    /// `<family>/<name>` of the sample the object belongs to.
    public var sample: String
    /// The object's path.
    public var object: String
    /// `pass`; `fail` where clang refused the tree's source; `error` where our flags, headers or tools are the cause.
    public var verdict: Verdict
    /// The command, quoted for a shell.
    public var command: String
    /// What the compiler said, a diagnostic a line.
    public var diagnostics: [String]
    /// Wall-clock seconds.
    public var duration: Double
    /// Whether the object was taken from the cache.
    public var cached: Bool
    /// Whose fault it is that there is no object; `nil` where there is one.
    public var fault: BuildFault?
    /// Why there is no object, in one line; `nil` where there is one.
    public var cause: String?
    /// What stands in the object: programs, maps, instructions, relocations; `nil` where nobody looked.
    public var contents: JSONValue?

    /// Creates a build result.
    public init(
        sample: String,
        object: String,
        verdict: Verdict,
        command: String,
        diagnostics: [String],
        duration: Double,
        cached: Bool = false,
        fault: BuildFault? = nil,
        cause: String? = nil
    ) {
        self.sample = sample
        self.object = object
        self.verdict = verdict
        self.command = command
        self.diagnostics = diagnostics
        self.duration = duration
        self.cached = cached
        self.fault = fault
        self.cause = cause
    }

    private enum CodingKeys: String, CodingKey {
        case sample, object, verdict, command, diagnostics
        case duration = "duration_s"
        case cached, fault, cause, contents
    }
}

/// Whose fault it is that a kern object could not be built.
public enum BuildFault: String, Codable, Sendable, CaseIterable {
    /// Our flags or headers, a missing tool, the machine.
    case harness
    /// The tree's own source or lists.
    case tree
    /// The compiler: too old, or not in health.
    case compiler
    /// The BTF that the kernel's types were taken from.
    case btf
}
