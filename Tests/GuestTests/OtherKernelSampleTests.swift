import Foundation
import GuestRun
import LinuxHost
import RunModel
import SampleKit
import SampleTrials
import Synchronization
import Testing
import TestSupport
import WorkerWire

@testable import SampleRun

extension MachineTests {
    /// The samples that need another kernel than this host's, in guests of Debian's: they pass, their control runs are refused, and
    /// broken kern halves fail.
    ///
    /// All that is asked of one guest is asked of it one after another: a boot takes longer than a sample.
    @Suite(.serialized)
    struct OtherKernelSampleTests {
        private static let objects = SampleObjects("guest-test-objects")

        /// Runs something on the lane of a guest that has these objects and all modules that the samples may need.
        private func inGuest<Answer: Sendable>(
            _ objects: [String: [UInt8]],
            _ body: @escaping @Sendable (GuestLane) throws -> Answer
        ) throws -> Answer {
            let kernel = try GuestBench.kernel()
            var setup = try GuestSetup(kernel: kernel, worker: try GuestBench.worker())
            setup.contents.objects = objects
            // What samples do on another processor than the first is to be reached too.
            setup.machine.processors = 2
            if let folder = kernel.modules {
                var wanted: [String] = []
                for case .option(let option) in (SamplePlaces.elsewhere + SamplePlaces.here).flatMap(\.manifest.needs) {
                    wanted += (OptionModules.modules(of: option) ?? []).filter {
                        folder.has($0) && !wanted.contains($0)
                    }
                }
                setup.contents.modules = try folder.load(wanted)
            }
            setup.logFolder = ProcessInfo.processInfo.environment["BPF_ASSAY_TEST_LOGS"]
            let ready = setup
            let answer = Mutex<Result<Answer, any Error>?>(nil)
            let doubt = Mutex<MachineDoubt?>(nil)
            WorkThread {
                let lane = GuestLane(ready)
                let result = Result { try body(lane) }
                answer.withLock { $0 = result }
                let last = lane.finish()
                doubt.withLock { $0 = last }
            }.join()
            #expect(doubt.withLock { $0 } == nil)
            return try #require(answer.withLock { $0 }).get()
        }

        @Test func `ten runs of each pass, and its control run is refused`() async throws {
            let paths = try await Self.objects.paths()
            let entries = SamplePlaces.elsewhere
            guard !entries.isEmpty else { return }
            var settings = Supervisor.Settings(objects: paths.mapValues { .path($0) })
            settings.repetitions = 10
            let runner = CellRunner(settings: settings, machine: "vm:test", host: SamplePlaces.allOn)
            let objects = try Dictionary(
                entries.map { entry in
                    let path = try #require(paths[entry.id])
                    return (path, Array(try Data(contentsOf: URL(fileURLWithPath: path))))
                },
                uniquingKeysWith: { first, _ in first }
            )
            let results = try inGuest(objects) { lane in
                RunPlan(entries, on: SamplePlaces.allOn).cells.map { runner.fill($0, on: lane) }
            }
            #expect(results.count == entries.count)
            for filled in results {
                let result = filled.result
                #expect(result.verdict == .pass, "\(result.sample): \(result.message) \(result.details)")
                #expect(result.attempts.count == 10 && result.attempts.allSatisfy { $0.verdict == .pass })
                #expect(result.control == .refused, "\(result.sample)")
                #expect(result.leaks == [] && filled.doubt == nil && !result.checks.isEmpty, "\(result.sample)")
            }
        }

        /// What one sample leaves in the kernel, such as a cache of socket buffers, must not decide on another.
        @Test func `the order of samples changes no verdict`() async throws {
            let paths = try await Self.objects.paths()
            let seed = OrderSeed.current()
            var generator = SeededGenerator(seed: seed)
            let order = (SamplePlaces.elsewhere + SamplePlaces.here).shuffled(using: &generator)
            let objects = try paths.mapValues { Array(try Data(contentsOf: URL(fileURLWithPath: $0))) }
            let outcomes = try inGuest(objects) { lane in
                try order.map { entry in
                    let outcome = try lane.attempt(
                        entry.id,
                        object: entry.id,
                        isControl: false,
                        timeout: entry.manifest.timeout
                    )
                    return AttemptOutcome(outcome, of: entry, on: SamplePlaces.allOn)
                }
            }
            for (entry, outcome) in zip(order, outcomes) where outcome.need != .idleProcessors {
                #expect(outcome.verdict == .pass, "BPF_ASSAY_SEED=\(seed): \(entry.id): \(outcome.message)")
            }
        }

        private struct Trial: Sendable {
            var entry: CatalogEntry
            var mutation: ObjectMutation
            var name: String
            var object: [UInt8]
        }

        @Test func `a kern half that was broken on purpose never passes`() async throws {
            let paths = try await Self.objects.paths()
            var trials: [Trial] = []
            for entry in SamplePlaces.elsewhere {
                let path = try #require(paths[entry.id])
                let object = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
                let mutations = ObjectMutation.all(for: object, of: entry.manifest)
                #expect(mutations.count >= 3)
                for (number, mutation) in mutations.enumerated() {
                    let name = "\(entry.id) \(number)"
                    trials.append(
                        Trial(entry: entry, mutation: mutation, name: name, object: mutation.applied(to: object))
                    )
                }
            }
            guard !trials.isEmpty else { return }
            let asked = trials
            let objects = Dictionary(uniqueKeysWithValues: trials.map { ($0.name, $0.object) })
            let outcomes = try inGuest(objects) { lane in
                try asked.map { trial in
                    let outcome = try lane.attempt(
                        trial.entry.id,
                        object: trial.name,
                        isControl: false,
                        timeout: trial.entry.manifest.timeout
                    )
                    return AttemptOutcome(outcome, of: trial.entry, on: SamplePlaces.allOn)
                }
            }
            var refusedByOracle: [String: Int] = [:]
            for (trial, outcome) in zip(trials, outcomes) {
                if outcome.verdict == .fail, outcome.reason == .oracle {
                    refusedByOracle[trial.entry.id, default: 0] += 1
                }
                if trial.mutation.isExcused(by: outcome.notReached) { continue }
                if trial.mutation == .misplaced {
                    #expect(
                        outcome.reason == .attachFailed && outcome.message.contains("this kernel has none of that name")
                    )
                }
                #expect(
                    outcome.verdict == .fail,
                    "\(trial.entry.id): \(trial.mutation): \(outcome.verdict) \(outcome.message)"
                )
            }
            // What the verifier refuses proves nothing about the oracle.
            for entry in SamplePlaces.elsewhere { #expect(refusedByOracle[entry.id, default: 0] >= 2, "\(entry.id)") }
        }
    }
}
