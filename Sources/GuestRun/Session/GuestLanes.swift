public import WorkerWire

/// Lanes on virtual machines of one kernel, one guest a lane.
public struct GuestLanes: LaneFactory {
    private let prepare: @Sendable () throws -> GuestSetup

    /// Creates a factory.
    ///
    /// - Parameter prepare: Says what the guests are made of; called once, when the machine's turn has come.
    public init(_ prepare: @escaping @Sendable () throws -> GuestSetup) {
        self.prepare = prepare
    }

    /// Each guest has a kernel of its own.
    public var sharesKernel: Bool { false }

    /// Prepares the guests; each is started for the first try on its lane.
    ///
    /// - Throws: What the preparation throws.
    public func withLanes(_ body: (_ makeLane: @escaping @Sendable (Int) -> any SampleLane) throws -> Void) throws {
        let setup = try prepare()
        try body { GuestLane(setup, number: $0) }
    }
}
