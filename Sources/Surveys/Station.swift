import GuestRun
public import RunModel
import SampleCatalog
public import SampleKit
public import SampleRun

/// A machine that samples are to run on, with the plan for it.
public struct Station: Sendable {
    /// The machine as the record describes it.
    public var machine: Machine
    /// What is known of it.
    public let facts: HostFacts
    /// What is to be run on it.
    public let plan: RunPlan
    /// The kernel's options against the profile of the samples.
    public let checks: [CheckResult]
    /// What guests of it are made of; `nil` for this host.
    public let guest: GuestSurvey?

    /// The samples that are to be run.
    public var wanted: [CatalogEntry] { plan.cells.filter { $0.action == .run }.map(\.entry) }

    /// Plans for this host.
    public init(host survey: HostSurvey, _ entries: [CatalogEntry], _ denied: DenyList) {
        machine = survey.machine
        facts = survey.facts
        plan = RunPlan(entries, on: survey.facts, denied: denied)
        checks = survey.checks
        guest = nil
    }

    /// Plans for a kernel that guests boot.
    public init(guest survey: GuestSurvey, _ entries: [CatalogEntry], _ denied: DenyList) {
        machine = survey.machine
        facts = survey.facts
        plan = RunPlan(entries, on: survey.facts, denied: denied)
        checks = survey.checks
        guest = survey
    }

    /// What a command line says of the machines.
    public struct Choice: Sendable {
        /// The kernels: `host` is this one, `all` every kernel of the list.
        public var kernels: [String]
        /// The list of kernels; `nil` for the usual one.
        public var list: String?
        /// A config that the caller vouches for.
        public var config: String?

        /// Creates a choice.
        public init(kernels: [String], list: String?, config: String?) {
            self.kernels = kernels
            self.list = list
            self.config = config
        }

        /// The kernels that are named; where none is, those of a list that is, else this host.
        var names: [String] { kernels.isEmpty ? [list == nil ? "host" : "all"] : kernels }
    }

    /// The kernels that are chosen, with what is known to fail on each; this host where none is.
    ///
    /// - Throws: `KernelListError` for `all` without a list, or with one whose kernels are not there; `ListLines.Fault` where it
    ///   denies a sample that there is not.
    private static func named(_ choice: Choice) throws -> [(name: String, known: DenyList)] {
        try choice.names.flatMap { name in
            guard name == "all" else { return [(name, DenyList())] }
            return try KernelList.find(named: choice.list).found().map {
                ($0.kernel, try DenyList(Array($0.deny.utf8), list: "the deny lines of \($0.kernel)", of: allSamples))
            }
        }
    }

    /// Surveys the machines that are chosen, each once, and plans for them.
    ///
    /// - Parameters:
    ///   - choice: The machines.
    ///   - entries: The samples.
    ///   - denied: The samples that are known to fail.
    ///   - say: Takes what is worth saying of a kernel.
    /// - Returns: The machines, in the order of the choice.
    /// - Throws: `GuestKernelError` for what is no kernel, `ConfigSourceError` for a config that cannot be read.
    public static func all(
        _ choice: Choice,
        _ entries: [CatalogEntry],
        _ denied: DenyList,
        say: (String) -> Void
    ) throws -> [Station] {
        var stations: [Station] = []
        for (name, known) in try named(choice) {
            let denied = denied.joined(with: known)
            if name == "host" {
                let survey = try HostSurvey(for: entries, config: choice.config)
                stations.append(Station(host: survey, entries, denied))
            } else {
                let kernel = try GuestKernel(name, cache: .usual)
                for note in kernel.notes { say("\(kernel.release): \(note)") }
                let survey = try GuestSurvey(kernel, for: entries, config: choice.config)
                stations.append(Station(guest: survey, entries, denied))
            }
        }
        return told(apart: stations)
    }

    /// Gives each machine a name of its own.
    ///
    /// Two builds of one release are two machines: a record tells its cells apart by the machine's name.
    static func told(apart stations: [Station]) -> [Station] {
        var stations = stations
        var seen: [String: Int] = [:]
        for index in stations.indices {
            let id = stations[index].machine.id
            seen[id, default: 0] += 1
            if let count = seen[id], count > 1 { stations[index].machine.id = "\(id)~\(count)" }
        }
        return stations
    }
}
