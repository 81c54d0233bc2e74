/// Makes the lanes of one machine: this host, or virtual machines of one kernel.
public protocol LaneFactory: Sendable {
    /// Whether all lanes are on one kernel, this host's.
    ///
    /// Samples that disturb each other then run one at a time, after all others, and no other machine runs meanwhile.
    var sharesKernel: Bool { get }

    /// Runs a closure that may make lanes; what they share exists for as long as it runs.
    ///
    /// - Parameter body: Given what makes a lane of a number from 0, no number twice. That is called on the lane's own thread,
    ///   when the lane has its first sample.
    /// - Throws: An error whose description says why no lane can be made at all, or what the closure throws.
    func withLanes(_ body: (_ makeLane: @escaping @Sendable (Int) -> any SampleLane) throws -> Void) throws
}
