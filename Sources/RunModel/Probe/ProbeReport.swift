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

    /// Link types (`enum bpf_link_type`), each as the attach points that make such links answered.
    public var linkTypes: [ProbedType]

    /// What loading and attaching do not prove, such as `effect:lsm`: that the kernel also does what a program says.
    public var effects: [ProbedType]

    /// Creates a report.
    public init(
        programTypes: [ProbedType] = [],
        mapTypes: [ProbedType] = [],
        helpers: [HelperColumn] = [],
        attachPoints: [ProbedType] = [],
        verifier: [ProbedType]? = nil,
        linkTypes: [ProbedType] = [],
        effects: [ProbedType] = []
    ) {
        self.attachPoints = attachPoints
        self.effects = effects
        self.helpers = helpers
        self.linkTypes = linkTypes
        self.programTypes = programTypes
        self.mapTypes = mapTypes
        self.verifier = verifier
    }

    /// Every answer but those about helpers, which ``helpers`` holds, and about the verifier.
    public var answers: [ProbedType] { programTypes + mapTypes + attachPoints + linkTypes + effects }

    private enum CodingKeys: String, CodingKey {
        case programTypes, mapTypes, helpers, attachPoints, verifier, linkTypes, effects
    }

    /// Reads a report; one of an older version has no link types and no effects.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        programTypes = try container.decode([ProbedType].self, forKey: .programTypes)
        mapTypes = try container.decode([ProbedType].self, forKey: .mapTypes)
        helpers = try container.decode([HelperColumn].self, forKey: .helpers)
        attachPoints = try container.decode([ProbedType].self, forKey: .attachPoints)
        verifier = try container.decodeIfPresent([ProbedType].self, forKey: .verifier)
        linkTypes = try container.decodeIfPresent([ProbedType].self, forKey: .linkTypes) ?? []
        effects = try container.decodeIfPresent([ProbedType].self, forKey: .effects) ?? []
    }
}
