import Foundation
import LinuxHost
import RunModel
import SampleKit
import SampleRun
import Synchronization
import SystemPackage
import WorkerWire

@testable import GuestRun

/// What tests that boot guests share.
///
/// Nothing here is skipped where it cannot run: without QEMU, a kernel or a static worker these tests fail.
enum GuestBench {
    /// A variable of the environment that `ci/test` sets.
    struct Unset: Error, CustomStringConvertible {
        let name: String
        var description: String { "\(name) is not set: run ci/test, or see there what it is" }
    }

    static func variable(_ name: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { throw Unset(name: name) }
        return value
    }

    /// A kernel's image with its config and modules beside it.
    static func kernelPath() throws -> String { try variable("BPF_ASSAY_KERNEL") }
    /// The folder of Debian's kernel of a release such as `6.12`, as `ci/kernel-image` unpacked it.
    static func folder(ofKernel release: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let process = Process()
        let said = Pipe()
        process.executableURL = root.appendingPathComponent("ci/kernel-image")
        process.arguments = [release, "cloud-amd64"]
        process.standardOutput = said
        try process.run()
        let text = String(decoding: try said.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0, let image = text.split(separator: "\n").last else {
            throw SystemCallError("ci/kernel-image", on: release, errno: .ioError)
        }
        return URL(fileURLWithPath: String(image)).deletingLastPathComponent().deletingLastPathComponent().path
    }

    /// The statically linked worker.
    static func worker() throws -> String { try variable("BPF_ASSAY_STATIC_WORKER") }

    static let cache = CacheFolder.usual

    private static let booted = Mutex<GuestKernel?>(nil)

    static func kernel() throws -> GuestKernel {
        try booted.withLock { known in
            if let known { return known }
            let kernel = try GuestKernel(try kernelPath(), cache: cache)
            known = kernel
            return kernel
        }
    }

    /// Guests with a worker that has bad manners, and little time.
    static func unruly(memory: Int = 256, append: String = "") throws -> GuestSetup {
        var setup = try GuestSetup(kernel: try kernel(), worker: try worker(), memory: memory)
        setup.contents.worker = try unrulyWorker()
        setup.contents.objects = ["none": []]
        setup.machine.append = append
        setup.limits.grace = .seconds(8)
        setup.logFolder = ProcessInfo.processInfo.environment["BPF_ASSAY_TEST_LOGS"]
        return setup
    }

    /// Compiles the worker with bad manners.
    private static func unrulyWorker() throws -> [UInt8] {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Unruly/unruly.c"
        )
        let output = "\(NSTemporaryDirectory())/unruly-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: output) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/clang")
        process.arguments = ["-static", "-O1", "-Wall", "-Wextra", "-Werror", "-o", output, source.path]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw SystemCallError("clang -static", on: source.path, errno: .ioError)
        }
        return Array(try Data(contentsOf: URL(fileURLWithPath: output)))
    }

    /// Runs samples of these modes on one lane, one after another.
    ///
    /// - Returns: Their results, and how many guests were up.
    static func run(
        _ modes: [String],
        _ setup: GuestSetup,
        whileRunning body: @escaping @Sendable (RunEvent) -> Void = { _ in },
        by change: (inout Supervisor.Settings) -> Void = { _ in }
    ) -> (results: [SampleResult], guests: Int) {
        let entries = modes.map { CatalogEntry(family: "unruly", name: $0, type: FortyTwo.self) }
        var settings = Supervisor.Settings(
            objects: Dictionary(uniqueKeysWithValues: entries.map { ($0.id, .path("none")) })
        )
        settings.jobs = 1
        change(&settings)
        let host = HostFacts(options: [:], optionSource: "none", version: nil, access: .granted)
        let plan = RunPlan(entries, on: host)
        let guests = Atomic(0)
        let events = Mutex<[RunEvent]>([
            .runStarted(
                RunInfo(id: "r", started: "", tool: "", command: []),
                machines: [],
                plan: plan.cells.map { $0.planned(on: "vm:test") }
            )
        ])
        var own = setup
        own.onHello = { _, _ in guests.add(1, ordering: .relaxed) }
        let ready = own
        let supervisor = Supervisor(settings) { event in
            body(event)
            events.withLock { $0.append(event) }
        }
        let lanes = GuestLanes { ready }
        // These guests need no preparation that could fail.
        _ = try? supervisor.run([Supervisor.Assignment(machine: "vm:test", facts: host, plan: plan, lanes: lanes)])
        return (RunRecord(folding: events.withLock { $0 })?.results ?? [], guests.load(ordering: .relaxed))
    }

    /// Processes whose command line holds a text.
    static func processes(with text: String) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { pid in
            pid != getpid() && ((try? SmallFile.text("/proc/\(pid)/cmdline"))?.contains(text) ?? false)
        }
    }
}

/// A sample whose oracle wants the number 42.
struct FortyTwo: Sample {
    struct Observation: Codable, Equatable { var number = 0 }

    static let manifest = Manifest(
        summary: "a number",
        oracle: "it is 42",
        kernSources: ["samples/bpf/none_kern.c"],
        programTypes: [],
        needs: [],
        timeout: .seconds(2)
    )
    static let examples: [Example<Observation>] = []

    func observe(in arena: borrowing Arena) throws -> Observation { Observation() }

    func judge(_ seen: Observation) -> Judgement {
        Judgement([.equal("the number", expected: 42, observed: seen.number)])
    }
}
