import LinuxHost
import RunModel
public import WorkerWire

/// What a kernel said when an object was loaded for real.
public struct LoadTrial: Sendable, Hashable {
    /// What became of it.
    public private(set) var answer: Answer
    /// Why, one per line; where it was loaded, what had to be done to it before, as its user half would.
    public private(set) var reasons: [String]

    /// What can become of an object.
    public enum Answer: String, Sendable, CaseIterable {
        /// libbpf and the kernel took all of it.
        case loaded
        /// One of them refused it.
        case refused
        /// It cannot be said: the worker or the machine did not live to tell, or the kernel complained of itself meanwhile.
        case unknown
    }

    /// The work was interrupted before all objects had been loaded.
    public struct Interrupted: Error {}

    /// Reads what became of the worker that loaded an object.
    ///
    /// As a sample's verdict, it has to be earned: an answer of a worker that crashed, or that the kernel logged a complaint
    /// against itself beside, is none.
    public init(_ outcome: WorkerOutcome) {
        answer = .unknown
        if let loss = outcome.loss {
            reasons = ["\(loss)"] + loss.excerpt
        } else if outcome.timedOut {
            reasons = ["no answer after \(Int(outcome.allowed)) s"]
        } else if !outcome.splats.isEmpty {
            reasons = ["the kernel logged meanwhile:"] + outcome.splats
        } else if let leak = outcome.leaks.first {
            reasons = ["it was not freed: \(leak.kind) \(leak.subject)"]
        } else {
            switch outcome.last {
            case .observed(let seen) where outcome.end?.status == 0 && seen["help"]?.isList == true:
                answer = .loaded
                reasons = seen["help"]?.texts ?? []
            case .refused(_, let message, let details, _) where outcome.end?.status == 0:
                answer = .refused
                reasons = details.isEmpty ? [message] : details
            case .starved(let message, let details):
                reasons = ["out of memory: \(message); raise --memory, or the limit of this host"] + details
            case .broke(let message): reasons = [message]
            default:
                let said = outcome.output.isEmpty ? "" : ": \(outcome.output.suffix(400))"
                reasons = ["the worker that loaded it ended without an answer\(said)"]
            }
        }
    }

    /// Takes in what happened on the machine when the object was gone again.
    mutating func take(_ doubt: MachineDoubt?) {
        guard let doubt else { return }
        answer = .unknown
        reasons = ["after it the kernel logged:"] + doubt.splats + (doubt.loss.map { ["\($0)"] + $0.excerpt } ?? [])
    }

    /// The time that an object has: the verifier takes seconds for the largest ones.
    static let timeout = Duration.seconds(30)

    /// Loads objects on a machine, one after another.
    ///
    /// It blocks.
    ///
    /// - Parameters:
    ///   - objects: The objects' paths on this host.
    ///   - lane: The machine.
    /// - Returns: An answer an object, in their order.
    /// - Throws: ``Interrupted``, or an error whose description says why a worker could not be run at all.
    public static func run(_ objects: [String], on lane: any SampleLane) throws -> [LoadTrial] {
        var trials: [LoadTrial] = []
        for object in objects {
            let outcome = try lane.load(object, timeout: timeout)
            if outcome.interrupted { throw Interrupted() }
            if !trials.isEmpty { trials[trials.count - 1].take(outcome.doubt) }
            trials.append(LoadTrial(outcome))
        }
        let doubt = lane.finish()
        if !trials.isEmpty { trials[trials.count - 1].take(doubt) }
        return trials
    }

    /// Loads objects on this host, in workers that are isolated as those of samples are.
    ///
    /// It blocks; the work is done by a thread of its own.
    ///
    /// - Parameters:
    ///   - objects: The objects' paths.
    ///   - worker: The path of `assay-worker`.
    ///   - interruption: A descriptor that becomes readable when the work is to end at once, or -1.
    /// - Returns: An answer an object, in their order.
    /// - Throws: ``Interrupted``; `SystemCallError` where no worker can be run: no cgroup2, or not root.
    public static func run(
        onHost objects: [String],
        worker: String,
        interruption: CInt = -1
    ) throws -> [LoadTrial] {
        let lanes = HostLanes(worker: worker, run: "load-\(Deadline.now)", interruption: interruption)
        return try WorkThread.run {
            var trials: [LoadTrial] = []
            try lanes.withLanes { makeLane in trials = try LoadTrial.run(objects, on: makeLane(0)) }
            return trials
        }
    }
}

extension JSONValue {
    fileprivate var isList: Bool { if case .array = self { true } else { false } }

    fileprivate var texts: [String] { if case .array(let items) = self { items.compactMap(\.stringValue) } else { [] } }
}
