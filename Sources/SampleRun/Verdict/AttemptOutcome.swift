import LinuxHost
import RunModel
import SampleKit
import WorkerWire

/// How one try at a sample came out, with all that a report may show.
struct AttemptOutcome: Sendable {
    /// The verdict on this try alone.
    private(set) var ruling: Ruling
    private(set) var checks: [Check] = []
    private(set) var notReached: [String] = []
    private(set) var observation: JSONValue?
    private(set) var leaks: [SampleResult.Leak] = []
    /// Who may still hold what was leaked.
    private(set) var custody: LeakCustody?
    /// What the kernel logged against itself meanwhile, whatever the verdict is.
    private(set) var splats: [String] = []
    private(set) var interrupted = false
    /// How the machine was lost meanwhile.
    private(set) var loss: MachineLoss?
    /// What happened on the machine just before.
    private(set) var doubt: MachineDoubt?

    var verdict: Verdict { ruling.verdict }
    var reason: Reason? { ruling.reason }
    var need: Need? { ruling.need }
    var message: String { ruling.message }
    var details: [String] { ruling.details }

    /// A try whose worker could not be run at all.
    init(notRun error: any Error) {
        ruling = Ruling(verdict: .error, reason: .harness, message: "the worker could not be run: \(error)")
    }

    /// Judges what became of a worker, whatever was before and comes after it.
    ///
    /// It starts as an error of the harness and has to earn anything better.
    init(_ ended: WorkerOutcome, by rules: VerdictRules) {
        ruling = Ruling(verdict: .error, reason: .harness)
        leaks = ended.leaks
        custody = ended.custody
        splats = rules.unexpected(ended.splats)
        doubt = ended.doubt
        switch ended.last {
        case _ where ended.interrupted:
            ruling = Ruling(verdict: .miss, reason: .harness, message: "the run was interrupted")
            interrupted = true
        case _ where ended.loss != nil:
            loss = ended.loss
            if let loss { ruling = rules.ruling(of: loss) }
        case _ where ended.timedOut:
            ruling = Ruling(
                verdict: .fail,
                reason: .timeout,
                message: "timed out after \(Self.seconds(ended.allowed)) s",
                details: Self.lines(ended.output)
            )
        case .observed(let observation):
            self.observation = observation
            // A worker that crashes after its last frame has a fault, and its data may have one too.
            if ended.end?.status == 0 { judge(observation, rules.entry) } else { blame(ended) }
        case .refused(let reason, let message, let details, let need):
            ruling.message = message
            ruling.details = details
            refuse(reason, need, rules)
        case .starved(let message, let details):
            ruling.message = "out of memory: \(message); raise --memory, or the limit of this host"
            ruling.details = details
        case .unmet(let need, let message, let details):
            if ended.end?.status == 0 { skip(for: need, message, details, rules.entry) } else { blame(ended) }
        case .broke(let message):
            ruling.message = message
            ruling.details = Self.lines(ended.output)
        case .made, nil:
            blame(ended)
        }
        if let kill = ended.memoryKills.first, verdict != .pass, ended.end?.status != 0 {
            // Too little memory says nothing about BPF.
            ruling = Ruling(
                verdict: .error,
                reason: .harness,
                message: "out of memory: \(kill); raise --memory, or the limit of this host",
                details: details
            )
        }
        // A machine that was lost is worse than what its kernel logged before.
        if loss == nil, !interrupted, let splat = Ruling(splats: splats, "the kernel logged:"),
            splat.isWorse(than: verdict)
        {
            ruling = splat
        }
    }

    private mutating func blame(_ ended: WorkerOutcome) {
        if let signal = ended.end?.signal {
            ruling.reason = .crash
            ruling.message = "the worker was killed by signal \(signal)"
        } else {
            ruling.message = "the worker ended with status \(ended.end?.status ?? -1) and without an observation"
        }
        ruling.details = Self.lines(ended.output)
    }

    private mutating func refuse(_ reason: Reason, _ need: Need?, _ rules: VerdictRules) {
        let needs = rules.entry.manifest.needs + (need.map { [$0] } ?? [])
        let unknown = needs.compactMap { need in
            if case .option(let name) = need, rules.host.options[name] == nil { name } else { nil }
        }
        if case .option(let name) = need, rules.host.options[name] == .off {
            // Of this tree only the object asks for it, so that the plan could not know.
            ruling.verdict = .skip
            ruling.reason = .configMissing
            ruling.need = need
            ruling.message = "\(name) is off in \(rules.host.optionSource): \(message)"
        } else if unknown.isEmpty || reason == .oracle {
            ruling.verdict = .fail
            ruling.reason = reason
        } else {
            ruling.message +=
                "; whether \(unknown.joined(separator: ", ")) is on is not known: name the kernel's options with --config"
        }
    }

    /// Only what its manifest names can be lacking to a sample, as a need or as a type of program that is attached: nothing else
    /// was promised to be asked for.
    private mutating func skip(for need: Need, _ message: String, _ details: [String], _ entry: CatalogEntry) {
        ruling.message = message
        ruling.details = details
        let ways = entry.manifest.programTypes.map { Need.attach($0.lowercased()) }
        if (entry.manifest.needs + ways).contains(need) {
            ruling.verdict = .skip
            ruling.reason = .featureMissing
            ruling.need = need
        } else {
            ruling.message = "the worker lacks \(need), which the sample does not need: \(message)"
        }
    }

    private mutating func judge(_ observation: JSONValue, _ entry: CatalogEntry) {
        do {
            let judgement = try OracleCall.judge(observation, entry.type)
            checks = judgement.checks
            notReached = judgement.notReached
            ruling.verdict = judgement.isPass ? .pass : .fail
            ruling.reason = judgement.isPass ? nil : .oracle
            ruling.message = judgement.firstObjection ?? ""
        } catch {
            ruling.message = "the observation cannot be read: \(DecodingFailure.text(of: error))"
        }
    }

    private static func seconds(_ number: Double) -> String {
        number == number.rounded() ? "\(Int(number))" : "\(number)"
    }

    private static func lines(_ output: String) -> [String] {
        output.split(separator: "\n").suffix(12).map { String($0.prefix(400)) }
    }
}

extension AttemptOutcome {
    /// Judges what became of a worker that ran a sample.
    ///
    /// - Parameters:
    ///   - ended: What became of the worker.
    ///   - entry: The sample.
    ///   - host: What is known of the machine.
    ///   - allowed: Kernel warnings to ignore.
    init(
        _ ended: WorkerOutcome,
        of entry: CatalogEntry,
        on host: HostFacts,
        allowing allowed: SplatAllowList = SplatAllowList()
    ) {
        self.init(ended, by: VerdictRules(entry: entry, host: host, allowedSplats: allowed))
    }
}
