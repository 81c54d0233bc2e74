import Foundation
import LinuxHost
import RunModel
import SampleKit
import SampleRun
import SampleTrials

/// What tests that touch the kernel share: programs, kern objects, a supervisor.
///
/// Nothing here is skipped where it cannot run: a host without root, BPF or a kernel tree fails these tests.
actor TestBench {
    static let shared = TestBench()

    /// The folder that `swift build` put this test and the programs into.
    static let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .path
    static let worker = "\(products)/assay-worker"
    static let command = "\(products)/bpf-assay"

    private let built = SampleObjects("test-objects")

    /// The paths of each sample's kern objects, built once from the tree.
    func objects() async throws -> [String: [String]] { try await built.paths() }

    /// Everything that the samples need is on, so that a refusal is always a FAIL.
    static let host = SamplePlaces.allOn

    /// Runs samples with given objects and returns their results, in an order; samples without an object are left out.
    static func run(
        _ objects: [String: [String]],
        order: [CatalogEntry] = SamplePlaces.here,
        _ change: (inout Supervisor.Settings) -> Void = { _ in }
    ) async throws -> [SampleResult] {
        var settings = Supervisor.Settings(objects: objects.mapValues { .paths($0) })
        change(&settings)
        let plan = RunPlan(order.filter { objects[$0.id] != nil }, on: host)
        let events = Collected()
        let supervisor = Supervisor(settings) { events.add($0) }
        let lanes = HostLanes(worker: worker, run: "test-\(UUID().uuidString)")
        let assignment = Supervisor.Assignment(machine: "host", facts: host, plan: plan, lanes: lanes)
        let interrupted = try await withCheckedThrowingContinuation { continuation in
            _ = WorkThread { continuation.resume(with: Result { try supervisor.run([assignment]) }) }
        }
        precondition(!interrupted)
        return events.results
    }

    /// Runs one sample with the bytes of its only object.
    static func run(_ sample: String, _ object: [UInt8], control: Bool = false) async throws -> SampleResult {
        try await run(sample, [object], control: control)
    }

    /// Runs one sample with the bytes of its objects.
    static func run(_ sample: String, _ files: [[UInt8]], control: Bool = false) async throws -> SampleResult {
        var paths: [String] = []
        defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
        for file in files {
            paths.append("\(FileManager.default.temporaryDirectory.path)/bpf-assay-\(UUID().uuidString).o")
            try Data(file).write(to: URL(fileURLWithPath: paths[paths.count - 1]))
        }
        let results = try await run([sample: paths]) { $0.makesControlRuns = control }
        guard results.count == 1 else { throw CocoaError(.featureUnsupported) }
        return results[0]
    }

    private final class Collected: @unchecked Sendable {
        private let lock = NSLock()
        private var kept: [SampleResult] = []

        func add(_ event: RunEvent) {
            guard case .sampleEnded(let result) = event else { return }
            lock.withLock { kept.append(result) }
        }

        var results: [SampleResult] { lock.withLock { kept } }
    }
}
