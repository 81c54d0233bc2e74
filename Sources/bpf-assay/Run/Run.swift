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
    private let options: RunOptions

    init(_ options: RunOptions) {
        self.options = options
    }

    func perform() async throws {
        let entries = try selectedSamples(options.samples)
        let denied = try options.denyList.map { DenyList(parsing: try SmallFile.text($0)) } ?? DenyList()
        var stations = try Station.all(options, entries, denied)
        let wantedIDs = Set(stations.flatMap(\.wanted).map(\.id))
        let wanted = entries.filter { wantedIDs.contains($0.id) }
        if options.dryRun { return try await show(stations, wanted) }
        // What can be refused is refused before the results' folder is made.
        let worker = try WorkerProgram.find(named: options.worker)
        let toolchain = wanted.isEmpty || options.objects != nil ? nil : try await Toolchain(options)
        for station in stations where station.guest != nil {
            // A worker or a QEMU that cannot do it is told before anything is made.
            _ = try GuestStation.setup(of: station, worker, options)
        }
        for removed in ResourceJournal.sweep() { Console.say("removed what a dead run left behind: \(removed)") }

        let started = Date()
        let folder = try ResultsFolder(under: options.results, started: started)
        let log = EventLog(try JournalFile(in: folder), total: stations.map(\.plan.cells.count).reduce(0, +))
        let interruption = InterruptionPipe.open()
        for index in stations.indices { stations[index].machine.clang = toolchain?.compiler.version }
        let info = RunInfo(
            id: folder.runID,
            started: started.formatted(.iso8601),
            tool: "bpf-assay \(toolVersion)",
            command: CommandLine.arguments
        )
        let cells = stations.flatMap { station in station.plan.cells.map { $0.planned(on: station.machine.id) } }
        log.add(.runStarted(info, machines: stations.map(\.machine), plan: cells))
        for check in stations.first?.checks ?? [] { log.add(.checked(check)) }
        let objects = try await objects(for: wanted, toolchain, folder, log)
        let interrupted = try await supervise(stations, worker, objects, interruption, folder, log)
        log.add(.runEnded(at: Date().formatted(.iso8601), interrupted: interrupted))
        try finish(log, folder, interrupted)
    }

    // MARK: Stages

    /// The compiler and the tree that a run builds with.
    private struct Toolchain {
        let tree: KernelTree
        let compiler: Compiler

        init(_ options: RunOptions) async throws {
            tree = try options.tree.map { try KernelTree(at: $0) } ?? KernelTree.discover()
            compiler = try await Compiler.find(named: options.clang)
        }

        func plan(_ entries: [CatalogEntry], into output: String) throws -> BuildPlan {
            try BuildPlan(
                sources: entries.map { tree.located($0.kernSource) },
                tree: tree,
                output: output,
                compiler: compiler
            )
        }
    }

    /// Builds the kern objects, or takes those that were named.
    ///
    /// - Returns: What there is for each sample: the object's path, or why there is none.
    private func objects(
        for entries: [CatalogEntry],
        _ toolchain: Toolchain?,
        _ folder: ResultsFolder,
        _ log: EventLog
    ) async throws -> [String: KernObjectSource] {
        if let named = options.objects {
            return Dictionary(
                uniqueKeysWithValues: entries.map { entry in
                    let path = "\(named)/\(entry.manifest.object)"
                    return (entry.id, access(path, R_OK) == 0 ? .path(path) : .absent("there is no readable '\(path)'"))
                }
            )
        }
        guard let toolchain else { return [:] }
        let plan = try toolchain.plan(entries, into: folder.objects)
        Console.say(
            "building \(entries.count) kern objects of Linux \(toolchain.tree.version) with \(toolchain.compiler.version)"
        )
        let results = try await BuildExecutor(jobs: options.jobs ?? Host.onlineProcessors, tools: LibbpfTools()).run(
            plan
        ) {
            log.add(.built($0))
        }
        return Dictionary(
            uniqueKeysWithValues: results.map { result in
                (result.sample, result.verdict == .pass ? .path(result.object) : .refused(result))
            }
        )
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
        settings.interruption = interruption
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

    private func finish(_ log: EventLog, _ folder: ResultsFolder, _ interrupted: Bool) throws {
        if let failure = log.failure { throw failure }
        guard let record = RunRecord(folding: log.events) else { return }
        try AtomicFile.write(Array(try RecordJSON().render(record).utf8), to: folder.record)
        let format: any ReportFormat =
            options.format.name == "text"
            ? TextReport(colour: Console.hasColour(STDOUT_FILENO))
            : ReportFormats.named(options.format.name) ?? TextReport()
        Console.say("results: \(folder.path)")
        Console.put(text: try format.render(record))
        if interrupted {
            throw ExitCode(128 + (InterruptionPipe.signalNumber == 0 ? SIGINT : InterruptionPipe.signalNumber))
        }
        let code = options.exitStyle.code(for: record.exitStatus)
        if code != 0 { throw ExitCode(code) }
    }

    private func show(_ stations: [Station], _ wanted: [CatalogEntry]) async throws {
        for station in stations {
            let place = options.guests.kernels.isEmpty ? "" : "\(station.machine.id) "
            for cell in station.plan.cells {
                switch cell.action {
                case .run: Console.put("run  \(place)\(cell.entry.id)")
                case .skip(let reason, let need, let message):
                    let why = "\(reason.rawValue)\(need.map { " \($0)" } ?? ""): \(message)"
                    Console.put("skip \(place)\(cell.entry.id)  # \(why)")
                }
            }
        }
        guard !wanted.isEmpty, options.objects == nil else { return }
        Console.put(text: try await Toolchain(options).plan(wanted, into: "\(options.results)/objects").shellText)
    }
}

/// The events of a run: kept, written to the journal and shown as they come.
final class EventLog: Sendable {
    private struct State {
        var events: [RunEvent] = []
        var display: ProgressDisplay
        var failure: (any Error)?
    }

    private let journal: JournalFile
    private let state: Mutex<State>

    init(_ journal: JournalFile, total: Int) {
        self.journal = journal
        state = Mutex(State(display: ProgressDisplay(total: total)))
    }

    /// Takes an event in.
    ///
    /// A journal that cannot be written ends the run: what is not recorded did not happen.
    func add(_ event: RunEvent) {
        state.withLock { state in
            state.events.append(event)
            state.display.show(event)
            guard state.failure == nil else { return }
            do {
                try journal.append(event)
            } catch {
                state.failure = error
                InterruptionPipe.raise()
            }
        }
    }

    var events: [RunEvent] { state.withLock { $0.events } }
    var failure: (any Error)? { state.withLock { $0.failure } }
}
