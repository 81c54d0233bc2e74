import ArgumentParser
import ConfigCheck
import Foundation
import KernBuild
import KernTools
import LinuxHost
import ObjectSources
import Reporting
import RunFiles
import RunModel
import SampleKit
import SampleRun
import Surveys
import WorkerWire

/// One run from its options to its exit code.
struct Run {
    let options: RunOptions
    /// The kern objects that were named, where none are to be built.
    let named: NamedObjects?

    /// - Throws: `NamedObjects.Unreadable` where what is named is no folder.
    init(_ options: RunOptions) throws(NamedObjects.Unreadable) {
        self.options = options
        named = try options.objects.map { (folder) throws(NamedObjects.Unreadable) in try NamedObjects(folder: folder) }
    }

    /// What says how much to say.
    var talk: TalkOptions { options.talk }

    func perform() async throws {
        let inputs = try RunInputs(options.inputs)
        let entries = inputs.entries
        if options.list {
            for entry in entries { Console.put(entry.id) }
            return
        }
        // Read first: the results' folder `latest` may be meant, which this run is going to be.
        var baseline = try options.baseline.map { try Baseline($0) }
        for note in baseline?.notes ?? [] { Console.say(note) }
        baseline?.restrict(to: options.selects ? Set(entries.map(\.id)) : nil)
        guard !entries.isEmpty else {
            Console.say(
                "bpf-assay run: no sample is selected\(options.lastFailed ? ": none failed in the last run" : "")"
            )
            throw ExitCode(options.exitStyle.code(for: .nothingSelected))
        }
        if !options.dryRun { try ResultsFolder.check(under: options.results) }
        var stations = try Station.all(options.machines, entries, inputs.denied) { Console.say($0) }
        let wantedIDs = Set(stations.flatMap(\.wanted).map(\.id))
        let wanted = entries.filter { wantedIDs.contains($0.id) }
        let cells = stations.flatMap { station in station.plan.cells.map { $0.planned(on: station.machine.id) } }
        try baseline?.requireCommonCells(with: cells, on: stations.map(\.machine))
        if options.dryRun { return try await show(stations, wanted) }
        // What can be refused is refused before the results' folder is made.
        let worker = try WorkerProgram.find(named: options.worker)
        let toolchain =
            options.objects != nil || wanted.allSatisfy { $0.kernSources.isEmpty }
            ? nil : try await self.toolchain(for: stations)
        for station in stations where station.guest != nil {
            // A worker or a QEMU that cannot do it is told before anything is made.
            _ = try GuestStations.setup(of: station, worker, options.guests.choice)
        }
        try options.formatPlan.checkFiles(of: "run", options.exitStyle)
        for removed in ResourceJournal.sweep() { talk.note("removed what a dead run left behind: \(removed)") }
        let announced = announceMissingRight(stations)

        let started = Date()
        let folder = try ResultsFolder(under: options.results, started: started)
        defer { folder.giveToCaller() }
        if let note = folder.note { talk.note(note) }
        let total = stations.map(\.plan.cells.count).reduce(0, +) - announced.count
        let display = ProgressDisplay(total: total, repetitions: options.repeat, talk)
        let log = EventLog(
            try JournalFile(in: folder),
            announced: announced,
            display: { display.show($0) },
            onLoss: { InterruptionPipe.raise() }
        )
        let slow = display.watchSlowSamples(of: log)
        defer { slow.cancel() }
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
        let interrupted = try await supervise(
            stations,
            worker,
            objects,
            inputs.allowedSplats,
            interruption,
            folder,
            log
        )
        if interrupted, options.failFast, InterruptionPipe.signalNumber == 0, log.failure == nil {
            let words = "not run: the run stopped at its first failure (--fail-fast)"
            for event in RunEvent.missing(after: log.events, words) { log.add(event, isShown: false) }
        }
        log.add(.runEnded(at: Date().formatted(.iso8601), interrupted: interrupted))
        try finish(log, folder, interrupted, baseline)
    }

    /// What the objects of a run on these machines are built with.
    func toolchain(for stations: [Station]) async throws -> Toolchain {
        let kernels = stations.compactMap { $0.guest?.types }
        return try await Toolchain(tree: options.tree, clang: options.clang, types: options.btf, kernels: kernels)
    }

    /// Says once that this user may run nothing on this host, and what to do.
    ///
    /// - Returns: The samples that are skipped for it, as `MACHINE SAMPLE`.
    private func announceMissingRight(_ stations: [Station]) -> Set<String> {
        var cells: Set<String> = []
        for station in stations {
            for cell in station.plan.cells {
                guard case .skip(.noPrivilege, _, _) = cell.action else { continue }
                cells.insert("\(station.machine.id) \(cell.entry.id)")
            }
        }
        if !cells.isEmpty {
            talk.note(
                "bpf-assay run: loading BPF programs on this host: operation not permitted (EPERM), so \(cells.count) "
                    + "sample\(cells.count == 1 ? " is" : "s are") skipped; run with 'sudo', or name a kernel with --kernel, "
                    + "which a virtual machine boots without root"
            )
        }
        return cells
    }

    private func supervise(
        _ stations: [Station],
        _ worker: String,
        _ objects: [String: KernObjectSource],
        _ allowedSplats: SplatAllowList,
        _ interruption: CInt,
        _ folder: ResultsFolder,
        _ log: EventLog
    ) async throws -> Bool {
        var settings = Supervisor.Settings(objects: objects)
        settings.jobs = options.jobs ?? Host.onlineProcessors
        settings.repetitions = options.repeat
        settings.retries = options.retries
        settings.makesControlRuns = !options.noControl
        settings.timeout = options.timeout.map { .seconds($0) }
        settings.allowedSplats = allowedSplats
        settings.stopsAtFailure = options.failFast
        settings.failsForNoBoot = options.failedBoot == .fail
        settings.trying = { sample, machine, isControl in
            log.show(.trying(sample: sample, machine: machine, isControl: isControl))
        }
        let report: @Sendable (RunEvent) -> Void = { log.add($0) }
        let talk = talk
        let guests = GuestStations(
            worker: worker,
            objects: objects,
            options.guests.choice,
            interruption: interruption,
            logFolder: folder.path,
            note: { talk.note($0) },
            report: report
        )
        let assignments = stations.map { station in
            let lanes: any LaneFactory =
                station.guest == nil
                ? HostLanes(worker: worker, run: folder.runID, interruption: interruption) : guests.lanes(on: station)
            return Supervisor.Assignment(
                machine: station.machine.id,
                facts: station.facts,
                plan: station.plan,
                lanes: lanes
            )
        }
        let supervisor = Supervisor(settings, report: report)
        // A thread of its own: the supervisor blocks.
        return try await withCheckedThrowingContinuation { continuation in
            _ = WorkThread { continuation.resume(with: Result { try supervisor.run(assignments) }) }
        }
    }
}
