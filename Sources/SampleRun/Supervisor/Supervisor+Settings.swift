public import RunModel
import SampleKit
import WorkerWire

extension Supervisor {
    /// How a run is to be made.
    public struct Settings: Sendable {
        /// The kern objects by the samples' `<family>/<name>`.
        public var objects: [String: KernObjectSource]
        /// How many samples run at the same time, at least 1.
        public var jobs = 2
        /// How often each sample is run; all its runs must agree.
        public var repetitions = 1
        /// How often a sample that did not pass is tried again.
        public var retries = 0
        /// Whether each sample that passes is run again with its stimulus withheld.
        public var makesControlRuns = true
        /// The time that a sample has; `nil` for its manifest's.
        public var timeout: Duration?
        /// What of the kernel's complaints against itself is put up with.
        public var allowedSplats = SplatAllowList()
        /// Whether a machine whose kernel does not start fails its samples.
        ///
        /// Else that is an error: it may be for want of an option that only virtual machines need.
        public var failsForNoBoot = false
        /// Whether no further sample begins, on any machine, after one has failed that was expected to pass.
        public var stopsAtFailure = false
        /// Told before each try of the sample, the machine and whether it is a control run; from several threads.
        public var trying: (@Sendable (_ sample: String, _ machine: String, _ isControl: Bool) -> Void)?

        /// Creates settings.
        public init(objects: [String: KernObjectSource]) {
            self.objects = objects
        }
    }
}

extension Supervisor.Settings {
    /// A lane whose tries are told of, where somebody wants to know.
    func watched(_ lane: any SampleLane, on machine: String) -> any SampleLane {
        guard let trying else { return lane }
        return WatchedLane(lane) { sample, isControl in trying(sample, machine, isControl) }
    }

    /// Whether a result ends the run.
    func stops(after result: SampleResult) -> Bool {
        stopsAtFailure && result.verdict == .fail && result.expected != .fail
    }
}

/// Where a sample's kern objects are, or why there are none.
public enum KernObjectSource: Sendable, Hashable {
    /// At these paths, in the order of the manifest; nowhere, where the sample needs none.
    case paths([String])
    /// Nowhere, for this reason, which is not the kernel's.
    case absent(String)
    /// Not in this tree, and rightly so: trees of its release have no such sample.
    case lacking(file: String, String)
    /// The build of one failed.
    case refused(BuildResult)

    /// The only object of a sample, at this path.
    public static func path(_ path: String) -> KernObjectSource { .paths([path]) }

    /// What there is for a sample that nothing was built for: all, where it has no object.
    static func unbuilt(_ manifest: Manifest) -> KernObjectSource {
        let objects = manifest.kernSources.map(\.object)
        return objects.isEmpty ? .paths([]) : .absent("nothing built '\(objects.joined(separator: "' or '"))'")
    }
}
