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

    /// Creates a build result.
    public init(
        sample: String,
        object: String,
        verdict: Verdict,
        command: String,
        diagnostics: [String],
        duration: Double,
        cached: Bool = false
    ) {
        self.sample = sample
        self.object = object
        self.verdict = verdict
        self.command = command
        self.diagnostics = diagnostics
        self.duration = duration
        self.cached = cached
    }

    private enum CodingKeys: String, CodingKey {
        case sample, object, verdict, command, diagnostics
        case duration = "duration_s"
        case cached
    }
}
