import ArgumentParser
import ConfigCheck
import Foundation
import KernBuild
import KernTools
import LinuxHost
import Reporting
import RunModel
import SampleKit
import SampleRun
import Synchronization

/// One run from its options to its exit code.
struct Run {
    let options: RunOptions

    init(_ options: RunOptions) {
        self.options = options
    }

    /// The kern objects that were named, where none are to be built.
    var named: NamedObjects? { options.objects.map { NamedObjects(folder: $0) } }

    func perform() async throws {
        let entries = try selectedSamples(options.samples)
        // Read first: the results' folder `latest` may be meant, which this run is going to be.
        var baseline = try options.baseline.map { try Baseline($0) }
        baseline?.restrict(to: options.samples.isEmpty ? nil : Set(entries.map(\.id)))
        let denied = try options.denyList.map { DenyList(parsing: try SmallFile.text($0)) } ?? DenyList()
        var stations = try Station.all(options, entries, denied)
        let wantedIDs = Set(stations.flatMap(\.wanted).map(\.id))
        let wanted = entries.filter { wantedIDs.contains($0.id) }
        let cells = stations.flatMap { station in station.plan.cells.map { $0.planned(on: station.machine.id) } }
        try baseline?.requireCommonCells(with: cells, on: stations.map(\.machine))
        if options.dryRun { return try await show(stations, wanted) }
        // What can be refused is refused before the results' folder is made.
        let worker = try WorkerProgram.find(named: options.worker)
        let toolchain =
            wanted.isEmpty || options.objects != nil
            ? nil : try await Toolchain(options, kernels: stations.compactMap { $0.guest?.types })
        for station in stations where station.guest != nil {
            // A worker or a QEMU that cannot do it is told before anything is made.
            _ = try GuestStation.setup(of: station, worker, options)
        }
        try options.formatPlan.checkFiles(of: "run", options.exitStyle)
        for removed in ResourceJournal.sweep() { Console.say("removed what a dead run left behind: \(removed)") }

        let started = Date()
        let folder = try ResultsFolder(under: options.results, started: started)
        let log = EventLog(
            try JournalFile(in: folder),
            total: stations.map(\.plan.cells.count).reduce(0, +),
            repetitions: options.repeat
        )
        let interruption = InterruptionPipe.open()
        for index in stations.indices { stations[index].machine.clang = toolchain?.compiler.version }
        let info = RunInfo(
            id: folder.runID,
            started: started.formatted(.iso8601),
            tool: "bpf-assay \(toolVersion)",
            command: CommandLine.arguments
        )
        log.add(.runStarted(info, machines: stations.map(\.machine), plan: cells))
        for station in stations {
            for check in station.checks { log.add(.checked(check.of(machine: station.machine.id))) }
        }
        let objects = try await objects(for: wanted, toolchain, folder, log)
        let interrupted = try await supervise(stations, worker, objects, interruption, folder, log)
        log.add(.runEnded(at: Date().formatted(.iso8601), interrupted: interrupted))
        try finish(log, folder, interrupted, baseline)
    }

    private func supervise(
        _ stations: [Station],
        _ worker: String,
        _ objects: [String: KernObjectSource],
        _ interruption: CInt,
        _ folder: ResultsFolder,
        _ log: EventLog
    ) async throws -> Bool {
        var settings = Supervisor.Settings(worker: worker, objects: objects)
        settings.jobs = options.jobs ?? Host.onlineProcessors
        settings.repetitions = options.repeat
        settings.retries = options.retries
        settings.makesControlRuns = !options.noControl
        settings.timeout = options.timeout.map { .seconds($0) }
        settings.allowedSplats =
            try options.allowSplats.map { try SplatAllowList(parsing: try SmallFile.text($0)) } ?? SplatAllowList()
        settings.failsForNoBoot = options.failedBoot == .fail
        settings.interruption = interruption
        settings.trying = { sample, machine, isControl in
            log.show(.trying(sample: sample, machine: machine, isControl: isControl))
        }
        let complete = settings
        let report: @Sendable (RunEvent) -> Void = { log.add($0) }
        // A thread of its own: the supervisors block.
        return try await withCheckedThrowingContinuation { continuation in
            _ = WorkThread {
                continuation.resume(
                    with: Result {
                        // This host first, alone: what runs on it would slow the guests down, and they it.
                        for station in stations where station.guest == nil {
                            var own = complete
                            own.machine = station.machine.id
                            let supervisor = Supervisor(own, on: station.facts, runID: folder.runID, report: report)
                            if try supervisor.run(station.plan) { return true }
                        }
                        let guests = stations.filter { $0.guest != nil }
                        return try GuestStation.run(guests, complete, options, folder, report)
                    }
                )
            }
        }
    }
}
