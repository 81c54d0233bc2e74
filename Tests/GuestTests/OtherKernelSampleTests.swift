import Foundation
import GuestRun
import LinuxHost
import RunModel
import SampleKit
import SampleTrials
import Surveys
import Synchronization
import TestSupport
import Testing
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
            let options = (SamplePlaces.elsewhere + SamplePlaces.here).flatMap(\.manifest.usedOptions)
            setup.contents.modules = try kernel.modules?.load(for: options, in: nil) ?? []
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
            var settings = Supervisor.Settings(objects: paths.mapValues { .paths($0) })
            settings.repetitions = 10
            let runner = CellRunner(settings: settings, machine: "vm:test", host: SamplePlaces.allOn)
            let objects = try Self.contents(of: entries.flatMap { paths[$0.id] ?? [] })
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
            let objects = try Self.contents(of: paths.values.flatMap(\.self))
            let outcomes = try inGuest(objects) { lane in
                try order.map { entry in
                    let outcome = try lane.attempt(
                        entry.id,
                        objects: paths[entry.id] ?? [],
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
            var way: KernTrial.Break
            /// The names of its files among the contents of the guest, and their bytes.
            var files: [String: [UInt8]]
            var names: [String]
        }

        private static func contents(of paths: [String]) throws -> [String: [UInt8]] {
            try Dictionary(
                paths.map { ($0, Array(try Data(contentsOf: URL(fileURLWithPath: $0)))) },
                uniquingKeysWith: { first, _ in first }
            )
        }

        /// A commit tries eight ways of each sample, others than the commit before; `ci/soak` tries all.
        @Test func `a kern half that was broken on purpose never passes`() async throws {
            let paths = try await Self.objects.paths()
            var trials: [Trial] = []
            let seed = OrderSeed.current()
            var generator = SeededGenerator(seed: seed)
            let most = ProcessInfo.processInfo.environment["BPF_ASSAY_MUTANTS"] == "all" ? Int.max : 8
            for entry in SamplePlaces.elsewhere {
                let trial = try KernTrial(entry.manifest, objects: try #require(paths[entry.id]))
                guard trial.canBeBroken else { continue }
                #expect(trial.breaks.count >= 3)
                for (number, way) in trial.breaks.shuffled(using: &generator).prefix(most).enumerated() {
                    let files = try trial.broken(way).files
                    let names = files.indices.map { "\(entry.id) \(number) \($0)" }
                    let named = Dictionary(uniqueKeysWithValues: zip(names, files))
                    trials.append(Trial(entry: entry, way: way, files: named, names: names))
                }
            }
            guard !trials.isEmpty else { return }
            let asked = trials
            let objects = Dictionary(uniqueKeysWithValues: trials.flatMap(\.files))
            let outcomes = try inGuest(objects) { lane in
                try asked.map { trial in
                    let outcome = try lane.attempt(
                        trial.entry.id,
                        objects: trial.names,
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
                if trial.way.mutation.isExcused(by: outcome.notReached) { continue }
                if trial.way.mutation == .misplaced {
                    #expect(
                        outcome.reason == .attachFailed && outcome.message.contains("this kernel has none of that name")
                    )
                }
                #expect(
                    outcome.verdict == .fail,
                    "BPF_ASSAY_SEED=\(seed): \(trial.entry.id): \(trial.way): \(outcome.verdict) \(outcome.message)"
                )
            }
            // What the verifier refuses proves nothing about the oracle. Of eight ways drawn at random these may be nearly all.
            let ids = Set(asked.map(\.entry.id))
            #expect(refusedByOracle.values.reduce(0, +) >= 2 * ids.count, "\(refusedByOracle)")
            if most == .max { for id in ids { #expect(refusedByOracle[id, default: 0] >= 2, "\(id)") } }
        }

        @Test func `a fault in the source of a kern half is a FAIL of its oracle`() async throws {
            let seed = OrderSeed.current()
            let builder = try await SourceTrial(in: "guest-test-mutants")
            var contents: [String: [UInt8]] = [:]
            var trials: [(mutated: SourceTrial.Mutated, names: [String])] = []
            for mutated in SourceTrial.chosen(of: SamplePlaces.elsewhere, seed: seed) {
                let files = try await builder.objects(of: mutated.entry, with: mutated.mutant)
                let names = files.indices.map { "\(mutated.entry.id) \(trials.count) \($0)" }
                for (name, file) in zip(names, files) { contents[name] = file }
                trials.append((mutated, names))
            }
            guard !trials.isEmpty else { return }
            let asked = trials
            let outcomes = try inGuest(contents) { lane in
                try asked.map { trial in
                    let outcome = try lane.attempt(
                        trial.mutated.entry.id,
                        objects: trial.names,
                        isControl: false,
                        timeout: trial.mutated.entry.manifest.timeout
                    )
                    return AttemptOutcome(outcome, of: trial.mutated.entry, on: SamplePlaces.allOn)
                }
            }
            for (trial, outcome) in zip(asked, outcomes) {
                #expect(
                    outcome.verdict == .fail && outcome.reason == .oracle,
                    "BPF_ASSAY_SEED=\(seed): \(trial.mutated): \(outcome.verdict) \(outcome.message)"
                )
            }
        }
    }
}
