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

    /// Creates a report.
    public init(
        programTypes: [ProbedType] = [],
        mapTypes: [ProbedType] = [],
        helpers: [HelperColumn] = [],
        attachPoints: [ProbedType] = []
    ) {
        self.attachPoints = attachPoints
        self.helpers = helpers
        self.programTypes = programTypes
        self.mapTypes = mapTypes
    }

    /// Every answer but those about helpers, which ``helpers`` holds.
    public var answers: [ProbedType] { programTypes + mapTypes + attachPoints }
}
