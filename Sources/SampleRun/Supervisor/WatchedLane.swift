public import WorkerWire

/// A lane that reports each try when it begins.
public final class WatchedLane: SampleLane {
    private let lane: any SampleLane
    private let onTry: (String, Bool) -> Void

    /// Creates a lane.
    ///
    /// - Parameters:
    ///   - lane: Where the tries are made.
    ///   - onTry: Called before each try, with the sample and whether it is a control run.
    public init(_ lane: any SampleLane, onTry: @escaping (String, Bool) -> Void) {
        self.lane = lane
        self.onTry = onTry
    }

    /// Makes one try at a sample, after telling of it.
    public func attempt(_ sample: String, objects: [String], isControl: Bool, timeout: Duration) throws -> WorkerOutcome
    {
        onTry(sample, isControl)
        return try lane.attempt(sample, objects: objects, isControl: isControl, timeout: timeout)
    }

    /// Loads an object and lets go of it.
    public func load(_ object: String, timeout: Duration) throws -> WorkerOutcome {
        try lane.load(object, timeout: timeout)
    }

    /// Ends the lane.
    public func finish() -> MachineDoubt? { lane.finish() }
}
