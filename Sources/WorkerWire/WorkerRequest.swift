/// What a supervisor asks of a worker: one sample, one time.
///
/// It is the worker's command line.
///
/// A command line and not a message, so that `ps` says what runs, and so that the worker needs no JSON reader.
public struct WorkerRequest: Sendable, Hashable {
    /// `<family>/<name>`.
    public var sample: String
    /// The paths of the kern objects in the order of the manifest, seen from where the worker is born.
    ///
    /// For a sample without objects none, or the path of instructions to be used in place of its own.
    public var objects: [String]
    /// The directory of the cgroup that the worker is born in.
    public var cgroup: String
    /// Whether the stimulus is to be withheld.
    public var isControl: Bool

    /// Creates a request.
    public init(sample: String, objects: [String], cgroup: String, isControl: Bool) {
        self.sample = sample
        self.objects = objects
        self.cgroup = cgroup
        self.isControl = isControl
    }

    /// Reads the arguments of a worker, its own name included; `nil` where they are no request.
    public init?(arguments: [String]) {
        guard arguments.count >= 4, arguments[1] == "run" || arguments[1] == "control" else { return nil }
        self.init(
            sample: arguments[2],
            objects: Array(arguments.dropFirst(4)),
            cgroup: arguments[3],
            isControl: arguments[1] == "control"
        )
    }

    /// The arguments that ask for this.
    public var arguments: [String] {
        ["assay-worker", isControl ? "control" : "run", sample, cgroup] + objects
    }
}
