public import LinuxHost
public import RunModel

/// What became of one worker: all that a verdict is made of.
///
/// It is plain data, so that it reads the same whether the worker ran on this host or in a guest: the host judges.
public struct WorkerOutcome: Sendable, Hashable, Codable {
    /// The frames that it wrote but for those of BPF objects, a line of JSON each, as they came.
    public var said: [String] = []
    /// What of its BPF objects, and of its cgroup, was still there when it ought to be gone.
    public var leaks: [SampleResult.Leak] = []
    /// Who may still hold what was leaked; `nil` where nothing was.
    public var custody: LeakCustody?
    /// How its process ended; `nil` if it had to be killed.
    public var end: ChildProcess.End?
    /// The seconds that it was given.
    public var allowed: Double
    /// Whether its time was over.
    public var timedOut = false
    /// Whether the run was interrupted.
    public var interrupted = false
    /// The end of what it printed on its own.
    public var output = ""
    /// Lines of the kernel's log that report something wrong, written while it ran.
    public var splats: [String] = []
    /// Lines of the kernel's log that tell of a process killed for lack of memory, written while it ran.
    public var memoryKills: [String] = []
    /// Why nothing more can be said: the machine it ran on was lost.
    public var loss: MachineLoss?
    /// What happened on its machine between the end of the worker before it and its own start.
    public var doubt: MachineDoubt?

    /// Creates the outcome of a worker that nothing is known of yet.
    ///
    /// - Parameter allowed: The seconds that it was given.
    public init(allowed: Double) {
        self.allowed = allowed
    }

    /// What the worker said last: an observation, a refusal or its own trouble.
    ///
    /// A line that is no frame makes no verdict better.
    public var last: WorkerFrame? {
        for line in said.reversed() {
            guard let json = try? JSONValue(parsing: Array(line.utf8)) else { continue }
            switch WorkerFrame(json) {
            case .made, nil: continue
            case let frame: return frame
            }
        }
        return nil
    }
}
