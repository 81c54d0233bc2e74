import FoundationEssentials
import LinuxHost
import RunModel
public import SampleWorker

/// What a kernel said when an object was loaded for real.
public struct LoadTrial: Sendable, Hashable {
    /// What became of it.
    public let answer: Answer
    /// Why, a line each; where it was loaded, what had to be done to it before, as its user half would.
    public let reasons: [String]

    /// What can become of an object.
    public enum Answer: String, Sendable, CaseIterable {
        /// libbpf and the kernel took all of it.
        case loaded
        /// One of them refused it.
        case refused
        /// It cannot be said: the worker, or the machine, did not live to tell.
        case unknown
    }

    /// Reads what became of the worker that loaded an object.
    public init(_ outcome: WorkerOutcome) {
        for line in outcome.said.reversed() {
            guard let json = try? JSONDecoder().decode(JSONValue.self, from: Data(line.utf8)),
                let frame = WorkerFrame(json)
            else { continue }
            switch frame {
            case .observed(let seen):
                guard case .array(let help) = seen["help"] else { continue }
                self.init(.loaded, help.compactMap(\.stringValue))
                return
            case .refused(_, let message, let details, _):
                self.init(.refused, details.isEmpty ? [message] : details)
                return
            case .broke(let message):
                self.init(.unknown, [message])
                return
            // What is said of samples only.
            case .made, .unmet: continue
            }
        }
        if let loss = outcome.loss {
            self.init(.unknown, ["\(loss)"] + loss.excerpt)
        } else if outcome.timedOut {
            self.init(.unknown, ["no answer after \(Int(outcome.allowed)) s"])
        } else {
            let said = outcome.output.isEmpty ? "" : ": \(outcome.output.suffix(400))"
            self.init(.unknown, ["the worker that loaded it ended without an answer\(said)"])
        }
    }

    private init(_ answer: Answer, _ reasons: [String]) {
        self.answer = answer
        self.reasons = reasons
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
    /// - Returns: An answer an object, in their order; fewer where the work was interrupted.
    /// - Throws: An error whose description says why a worker could not be run at all.
    public static func run(_ objects: [String], on lane: any SampleLane) throws -> [LoadTrial] {
        var trials: [LoadTrial] = []
        for object in objects {
            let outcome = try lane.load(object, timeout: timeout)
            if outcome.interrupted { break }
            trials.append(LoadTrial(outcome))
        }
        _ = lane.finish()
        return trials
    }

    /// Loads objects on this host, in workers that are isolated as those of samples are.
    ///
    /// It blocks; the work is done by a thread of its own.
    ///
    /// - Parameters:
    ///   - objects: The objects' paths.
    ///   - worker: The path of `assay-worker`.
    /// - Returns: An answer an object, in their order.
    /// - Throws: `SystemCallError` where no worker can be run: no cgroup2, or not root.
    public static func run(onHost objects: [String], worker: String) throws -> [LoadTrial] {
        let run = "load-\(Deadline.now)"
        let journal = try ResourceJournal(run: run)
        let group = try ControlGroup.own().child("\(ResourceJournal.cgroupPrefix)\(run)")
        do {
            try journal.note(group)
            try group.create()
        } catch {
            journal.finish()
            throw error
        }
        let trials = Result {
            try WorkThread.run {
                let lane = HostLane(WorkerProcess.Settings(executable: worker), group.child("1"))
                return try LoadTrial.run(objects, on: lane)
            }
        }
        // What cannot be removed now is in the journal, for the next start.
        let isGone = (try? group.remove(deadline: Deadline(after: .seconds(3)))) != nil
        if isGone { journal.finish() }
        return try trials.get()
    }
}
