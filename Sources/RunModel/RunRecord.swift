/// What is known about a run, computed from its events.
public struct RunRecord: Sendable, Hashable, Codable {
    /// The format's name and version: `bpf-assay/record/1`.
    public var schema: String
    /// Which run it is.
    public var run: RunInfo
    /// The kernels it ran on.
    public var machines: [Machine]
    /// What was checked before, of each machine; see ``checks(of:)``.
    public var checks: [CheckResult]
    /// What was built before.
    public var builds: [BuildResult]
    /// A result for every planned cell, in plan order.
    public var results: [SampleResult]
    /// How many results of each verdict there are.
    public var summary: Summary

    /// The name and version of the format that this code writes.
    public static let currentSchema = "bpf-assay/record/1"

    /// Counts of verdicts.
    public struct Summary: Sendable, Hashable, Codable {
        /// Results that passed.
        public var pass = 0
        /// Results that failed.
        public var fail = 0
        /// Results lost to the harness.
        public var error = 0
        /// Results that are missing.
        public var miss = 0
        /// Results that do not apply here.
        public var skip = 0

        /// Counts results.
        public init(of results: some Sequence<SampleResult>) {
            for result in results {
                switch result.verdict {
                case .pass: pass += 1
                case .fail: fail += 1
                case .error: error += 1
                case .miss: miss += 1
                case .skip: skip += 1
                }
            }
        }
    }

    /// Folds a journal, which may stop anywhere.
    ///
    /// A planned sample counts as missing until an event says otherwise; so does one that began and never ended. A
    /// journal cut short therefore loses no sample and passes none. Of two results for a cell the later counts. An
    /// interruption explains the cells that nothing has answered for, and leaves alone what an event did say.
    /// Results for cells that were never planned are kept, behind the planned ones.
    ///
    /// Gives `nil` where the journal holds no start of a run.
    ///
    /// - Parameter events: The journal's events, oldest first.
    public init?(folding events: some Sequence<RunEvent>) {
        var header: (RunInfo, [Machine])?
        var results: [SampleResult] = []
        var position: [PlannedSample.Key: Int] = [:]
        var needs: [PlannedSample.Key: [Need]] = [:]
        var unanswered: Set<PlannedSample.Key> = []
        var boots: [String: Machine.Boot] = [:]
        var checks: [CheckResult] = []
        var builds: [BuildResult] = []
        func set(_ key: PlannedSample.Key, _ result: SampleResult) {
            if let index = position[key] {
                results[index] = result
            } else {
                position[key] = results.count
                results.append(result)
            }
        }
        for event in events {
            switch event {
            case .runStarted(let run, let machines, let plan):
                header = (run, machines)
                results.reserveCapacity(plan.count)
                for cell in plan {
                    needs[cell.key] = cell.needs
                    set(cell.key, cell.missing(.nodeLost, "the run ended before its turn"))
                    unanswered.insert(cell.key)
                }
            case .checked(let result): checks.append(result)
            case .built(let result): builds.append(result)
            case .guestStarted(let start):
                boots[start.machine] = (boots[start.machine] ?? Machine.Boot()).taking(start)
            case .sampleStarted(let cell):
                let lost: Reason = cell.machine.utf8.starts(with: "vm:".utf8) ? .guestLost : .nodeLost
                set(cell.key, cell.missing(lost, "it began, and nothing reported its end"))
                unanswered.insert(cell.key)
            case .sampleEnded(let result):
                let key = PlannedSample.Key(sample: result.sample, machine: result.machine)
                set(key, result)
                unanswered.remove(key)
            case .runEnded(let at, let interrupted):
                header?.0.ended = at
                if interrupted {
                    for key in unanswered {
                        if let index = position[key] {
                            results[index].message = "the run was interrupted before its end"
                        }
                    }
                }
            }
        }
        guard let (run, machines) = header else { return nil }
        // What a sample needs stands in the plan alone.
        for (key, index) in position { results[index].needs = results[index].needs ?? needs[key] }
        schema = Self.currentSchema
        self.run = run
        self.machines = machines.map { machine in
            var machine = machine
            machine.boot = boots[machine.id] ?? machine.boot
            return machine
        }
        self.checks = checks
        self.builds = builds
        self.results = results
        summary = Summary(of: results)
    }
}

extension RunRecord {
    /// What was checked of a machine.
    ///
    /// A finding that names no machine, as in records of the first version, is of the first one.
    public func checks(of machine: String) -> [CheckResult] {
        checks.filter { ($0.machine ?? machines.first?.id ?? machine) == machine }
    }
}

extension RunEvent {
    /// What a run that ends early by its own choice says of the cells that it never began.
    ///
    /// - Parameters:
    ///   - events: What has happened so far, from the start of the run.
    ///   - message: Why they were left out.
    /// - Returns: A MISS for each planned cell that no result was reported of.
    public static func missing(after events: [RunEvent], _ message: String) -> [RunEvent] {
        var ended: Set<PlannedSample.Key> = []
        for case .sampleEnded(let result) in events {
            ended.insert(PlannedSample.Key(sample: result.sample, machine: result.machine))
        }
        return events.flatMap { event -> [RunEvent] in
            guard case .runStarted(_, _, let plan) = event else { return [] }
            return plan.filter { !ended.contains($0.key) }.map { .sampleEnded($0.missing(.nodeLost, message)) }
        }
    }
}

extension PlannedSample {
    /// What tells one cell of a run from another.
    struct Key: Hashable {
        var sample: String
        var machine: String
    }

    var key: Key { Key(sample: sample, machine: machine) }

    /// The result of a cell that nothing more is known about.
    func missing(_ reason: Reason, _ message: String) -> SampleResult {
        SampleResult(
            sample: sample,
            machine: machine,
            verdict: .miss,
            reason: reason,
            message: message,
            expected: expected
        )
    }
}
