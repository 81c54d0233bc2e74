import FoundationEssentials
import LinuxHost
public import RunModel
public import SampleKit
import SampleWorker

/// How one try at a sample came out, with all that a report may show.
struct AttemptOutcome {
    var verdict: Verdict
    var reason: Reason?
    /// What was missing, where that is why the sample was skipped.
    var need: Need?
    var message = ""
    var details: [String] = []
    var checks: [Check] = []
    var notReached: [String] = []
    var observation: JSONValue?
    var leaks: [SampleResult.Leak] = []
    /// What the kernel logged against itself meanwhile, whatever the verdict is.
    var splats: [String] = []
    var interrupted = false
    /// How the machine was lost meanwhile.
    var loss: MachineLoss?
    /// What happened on the machine just before.
    var doubt: MachineDoubt?

    /// Takes in what happened on the machine just before this try.
    mutating func take(_ doubt: MachineDoubt?) {
        guard let splat = doubt?.splats.first, verdict == .pass else { return }
        verdict = .fail
        reason = .splat
        message = "between two tries the kernel logged: \(splat)"
        details = doubt?.splats ?? []
    }
}

extension AttemptOutcome {
    /// Turns what became of a worker into a verdict.
    ///
    /// It starts as an error of the harness and has to earn anything better.
    ///
    /// - Parameters:
    ///   - ended: What became of the worker.
    ///   - entry: The sample.
    ///   - host: What is known of the host. A refusal counts against the kernel only where every option that the sample needs is
    ///     known to be on; where that is not known the refusal says nothing.
    ///   - allowed: What of the kernel's complaints is put up with.
    init(
        _ ended: WorkerOutcome,
        of entry: CatalogEntry,
        on host: HostFacts,
        allowing allowed: SplatAllowList = SplatAllowList()
    ) {
        self.init(verdict: .error, reason: .harness)
        leaks = ended.leaks
        splats = ended.splats.filter { !allowed.allows($0) }
        doubt = MachineDoubt(
            splats: ended.doubt?.splats.filter { !allowed.allows($0) } ?? [],
            loss: ended.doubt?.loss
        )
        switch ended.last {
        case _ where ended.interrupted:
            verdict = .miss
            message = "the run was interrupted"
            interrupted = true
        case _ where ended.loss != nil:
            loss = ended.loss
            if let loss {
                (verdict, reason, message, details) = (loss.verdict.0, loss.verdict.1, loss.verdict.2, loss.excerpt)
            }
        case _ where ended.timedOut:
            verdict = .fail
            reason = .timeout
            message = "not done after \(Self.seconds(ended.allowed)) s"
            details = Self.lines(ended.output)
        case .observed(let observation):
            self.observation = observation
            // A worker that crashes after its last frame has a fault, and its data may have one too.
            if ended.end?.status == 0 { judge(observation, entry) } else { blame(ended) }
        case .refused(let reason, let message, let details, let need):
            self.message = message
            self.details = details
            let needs = entry.manifest.needs + (need.map { [$0] } ?? [])
            let unknown = needs.compactMap { need in
                if case .option(let name) = need, host.options[name] == nil { name } else { nil }
            }
            if case .option(let name) = need, host.options[name] == .off {
                // Of this tree only the object asks for it, so that the plan could not know.
                verdict = .skip
                self.reason = .configMissing
                self.need = need
                self.message = "\(name) is off in \(host.optionSource): \(message)"
            } else if unknown.isEmpty || reason == .oracle {
                verdict = .fail
                self.reason = reason
            } else {
                self.message +=
                    "; whether \(unknown.joined(separator: ", ")) is on is not known: name the kernel's options with --config"
            }
        case .unmet(let need, let message, let details):
            if ended.end?.status == 0 { skip(for: need, message, details, entry) } else { blame(ended) }
        case .broke(let message):
            self.message = message
            details = Self.lines(ended.output)
        case .made, nil:
            blame(ended)
        }
        if let kill = ended.memoryKills.first, verdict != .pass, ended.end?.status != 0 {
            // Too little memory says nothing about BPF.
            verdict = .error
            reason = .harness
            message = "memory ran out: \(kill); give the machine more, a guest by --memory"
        }
        // A machine that was lost is worse than what its kernel logged before.
        if let splat = splats.first, loss == nil, verdict == .pass || verdict == .error || verdict == .skip {
            verdict = .fail
            reason = .splat
            need = nil
            message = "the kernel logged: \(splat)"
            details = splats
        }
    }

    private mutating func blame(_ ended: WorkerOutcome) {
        if let signal = ended.end?.signal {
            reason = .crash
            message = "the worker was killed by signal \(signal)"
        } else {
            message = "the worker ended with status \(ended.end?.status ?? -1) and without an observation"
        }
        details = Self.lines(ended.output)
    }

    /// Only what its manifest names can be lacking to a sample, as a need or as a type of program that is attached: nothing else
    /// was promised to be asked for.
    private mutating func skip(for need: Need, _ message: String, _ details: [String], _ entry: CatalogEntry) {
        self.message = message
        self.details = details
        let ways = entry.manifest.programTypes.map { Need.attach($0.lowercased()) }
        if (entry.manifest.needs + ways).contains(need) {
            verdict = .skip
            reason = .featureMissing
            self.need = need
        } else {
            self.message = "the worker lacks \(need), which the sample does not need: \(message)"
        }
    }

    private mutating func judge(_ observation: JSONValue, _ entry: CatalogEntry) {
        do {
            let judgement = try OracleCall.judge(observation, entry.type)
            checks = judgement.checks
            notReached = judgement.notReached
            verdict = judgement.isPass ? .pass : .fail
            reason = judgement.isPass ? nil : .oracle
            message = judgement.firstObjection ?? ""
        } catch {
            message = "the observation cannot be read: \(DecodingFailure.text(of: error))"
        }
    }

    private static func seconds(_ number: Double) -> String {
        number == number.rounded() ? "\(Int(number))" : "\(number)"
    }

    private static func lines(_ output: String) -> [String] {
        output.split(separator: "\n").suffix(12).map { String($0.prefix(400)) }
    }
}

extension WorkerOutcome {
    /// What the worker said last: an observation, a refusal or its own trouble.
    ///
    /// A line that is no frame makes no verdict better.
    var last: WorkerFrame? {
        for line in said.reversed() {
            guard let json = try? JSONDecoder().decode(JSONValue.self, from: Data(line.utf8)) else { continue }
            switch WorkerFrame(json) {
            case .made, nil: continue
            case let frame: return frame
            }
        }
        return nil
    }
}

/// Applies a sample's oracle to an observation that came as JSON, from a worker, a guest or an old record.
public enum OracleCall {
    /// Judges an observation.
    ///
    /// - Throws: `DecodingError` where the observation is not this sample's.
    public static func judge<S: Sample>(_ observation: JSONValue, _ type: S.Type) throws -> Judgement {
        let decoded = try JSONDecoder().decode(S.Observation.self, from: try JSONEncoder().encode(observation))
        return S().judge(decoded)
    }
}
