/// A machine, or a place on one, where tries at samples are made one after another.
///
/// A lane belongs to one thread: workers die with the thread that started them.
public protocol SampleLane: AnyObject {
    /// Makes one try at a sample.
    ///
    /// It blocks until the worker has ended and is cleaned up behind, its time is over, the machine is lost, or the run is
    /// interrupted.
    ///
    /// - Parameters:
    ///   - sample: `<family>/<name>`.
    ///   - objects: The paths of its kern objects on this host, in the order of its manifest.
    ///   - isControl: Whether the stimulus is to be withheld.
    ///   - timeout: The time that the worker has on a machine of usual speed.
    /// - Returns: What became of the worker.
    /// - Throws: An error whose description says why the worker could not be run at all.
    func attempt(_ sample: String, objects: [String], isControl: Bool, timeout: Duration) throws -> WorkerOutcome

    /// Loads an object and lets go of it, whatever its programs are for.
    ///
    /// - Parameters:
    ///   - object: The object's path on this host.
    ///   - timeout: The time that the worker has on a machine of usual speed.
    /// - Returns: What became of the worker.
    /// - Throws: An error whose description says why the worker could not be run at all.
    func load(_ object: String, timeout: Duration) throws -> WorkerOutcome

    /// Ends the lane after its last sample.
    ///
    /// - Returns: What happened on the machine after the last try, if something did that speaks against what was seen there.
    func finish() -> MachineDoubt?
}
