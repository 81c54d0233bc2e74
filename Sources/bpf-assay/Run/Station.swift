import ConfigCheck
import GuestRun
import RunModel
import SampleCatalog
import SampleKit
import SampleRun

/// A machine that samples are to run on, with the plan for it.
struct Station {
    /// The machine as the record describes it.
    var machine: Machine
    /// What is known of it.
    let facts: HostFacts
    /// What is to be run on it.
    let plan: RunPlan
    /// The kernel's options against the profile of the samples.
    let checks: [CheckResult]
    /// What guests of it are made of; `nil` for this host.
    let guest: GuestSurvey?

    /// The samples that are to be run.
    var wanted: [CatalogEntry] { plan.cells.filter { $0.action == .run }.map(\.entry) }

    /// Surveys this host.
    init(host survey: HostSurvey, _ entries: [CatalogEntry], _ denied: DenyList) {
        machine = survey.machine
        facts = survey.facts
        plan = RunPlan(entries, on: survey.facts, denied: denied)
        checks = survey.checks
        guest = nil
    }

    /// Plans for a kernel that guests boot.
    init(guest survey: GuestSurvey, _ entries: [CatalogEntry], _ denied: DenyList) {
        machine = survey.machine
        facts = survey.facts
        plan = RunPlan(entries, on: survey.facts, denied: denied)
        checks = survey.checks
        guest = survey
    }

    /// The kernels that the command line names, with what is known to fail on each; this host where it names none.
    ///
    /// - Throws: `KernelListError` for `all` without a list, or with one whose kernels are not there; `ListLines.Fault` where it
    ///   denies a sample that there is not.
    private static func named(_ options: RunOptions) throws -> [(name: String, known: DenyList)] {
        let names = options.guests.kernels.isEmpty ? [options.kernels == nil ? "host" : "all"] : options.guests.kernels
        return try names.flatMap { name in
            guard name == "all" else { return [(name, DenyList())] }
            return try KernelList.find(named: options.kernels).found().map {
                ($0.kernel, try DenyList(Array($0.deny.utf8), list: "the deny lines of \($0.kernel)", of: allSamples))
            }
        }
    }

    /// What `--kernel` names, each once; this host where it is not given.
    ///
    /// - Throws: `GuestKernelError` for what is no kernel, `ConfigSourceError` for a config that cannot be read.
    static func all(_ options: RunOptions, _ entries: [CatalogEntry], _ denied: DenyList) throws -> [Station] {
        var stations: [Station] = []
        for (name, known) in try named(options) {
            let denied = denied.joined(with: known)
            if name == "host" {
                let survey = try HostSurvey(for: entries, config: options.config, clang: nil)
                stations.append(Station(host: survey, entries, denied))
            } else {
                let kernel = try GuestKernel(name, cache: .usual)
                for note in kernel.notes { Console.say("\(kernel.release): \(note)") }
                let survey = try GuestSurvey(kernel, for: entries, config: options.config)
                stations.append(Station(guest: survey, entries, denied))
            }
        }
        // Two builds of one release are two machines: a record tells its cells apart by the machine's name.
        var seen: [String: Int] = [:]
        for index in stations.indices {
            let id = stations[index].machine.id
            seen[id, default: 0] += 1
            if let count = seen[id], count > 1 { stations[index].machine.id = "\(id)~\(count)" }
        }
        return stations
    }
}
