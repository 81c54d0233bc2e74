/// What the running kernel can do, as it answered itself.
public struct ProbeReport: Sendable, Hashable, Codable {
    /// Program types in the kernel's order, those of several attach types once for each.
    public var programTypes: [ProbedType]
    /// Map types in the kernel's order.
    public var mapTypes: [ProbedType]

    /// Which helpers each program type may call, an entry for each of ``programTypes``.
    public var helpers: [HelperColumn]

    /// Attach points, each asked by attaching a program to it.
    public var attachPoints: [ProbedType]

    /// What the verifier accepts beyond the first eBPF, asked by loading such a program; `nil` where it was not asked.
    ///
    /// Four names: `LARGE_INSN_LIMIT` (4097 instructions, Linux 5.2), `BOUNDED_LOOPS` (5.3), `V2_ISA_EXTENSION`
    /// (`BPF_JLT` and its like, 4.14) and `V3_ISA_EXTENSION` (`BPF_JMP32`, 5.1).
    public var verifier: [ProbedType]?

    /// Creates a report.
    public init(
        programTypes: [ProbedType] = [],
        mapTypes: [ProbedType] = [],
        helpers: [HelperColumn] = [],
        attachPoints: [ProbedType] = [],
        verifier: [ProbedType]? = nil
    ) {
        self.attachPoints = attachPoints
        self.helpers = helpers
        self.programTypes = programTypes
        self.mapTypes = mapTypes
        self.verifier = verifier
    }

    /// Every answer but those about helpers, which ``helpers`` holds.
    public var answers: [ProbedType] { programTypes + mapTypes + attachPoints }
}
