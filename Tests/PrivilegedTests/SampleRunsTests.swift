import Foundation
import LibBPF
import RunModel
import SampleCatalog
import SampleKit
import SampleRun
import SampleTrials
import TestSupport
import Testing

/// One after another: a census of the host cannot tell the runs of two tests apart, and samples that measure how long a processor
/// was idle need one that compilers leave alone.
@Suite(
    .serialized,
    .requires(geteuid() == 0, "these tests load BPF programs and make namespaces: run them as root"),
    .requires(
        SampleObjects.isBuildable,
        "no kernel tree found: run ci/kernel-tree, or set BPF_ASSAY_TREE; clang must be in PATH"
    )
)
enum HostTests {}

extension HostTests {
    /// Every sample that this kernel has all for: it passes, its control run is refused, and broken kern halves fail.
    @Suite(.serialized)
    struct SampleRunsTests {
        @Test(arguments: SamplePlaces.here.map(\.id))
        func `a sample passes, refuses its control run and leaves nothing`(sample: String) async throws {
            let objects = try #require(try await TestBench.shared.objects()[sample])
            let results = try await TestBench.run([sample: objects])
            let result = try #require(results.first)
            #expect(result.verdict == .pass, "\(result.message) \(result.details)")
            #expect(result.control == .refused)
            #expect(result.leaks == [])
            #expect(!result.checks.isEmpty)
        }

        /// A program that never runs here may be broken without being noticed, if the record says that it was not reached.
        ///
        /// A commit tries four ways of each sample, others than the commit before; `ci/soak` tries all.
        @Test(arguments: SamplePlaces.here.map(\.id))
        func `a kern half that was broken on purpose never passes`(sample: String) async throws {
            let paths = try #require(try await TestBench.shared.objects()[sample])
            let entry = try #require(SamplePlaces.here.first { $0.id == sample })
            let trial = try KernTrial(entry.manifest, objects: paths)
            guard trial.canBeBroken else { return }
            #expect(trial.breaks.count >= 3)
            let seed = OrderSeed.current()
            var generator = SeededGenerator(seed: seed)
            let most = ProcessInfo.processInfo.environment["BPF_ASSAY_MUTANTS"] == "all" ? Int.max : 4
            var refusedByOracle = 0
            for (tried, way) in trial.breaks.shuffled(using: &generator).enumerated() {
                // Some ways are refused by the verifier: then more are tried.
                if tried >= most, refusedByOracle >= 2 { break }
                let result = try await TestBench.run(sample, try trial.broken(way).files)
                if result.verdict == .fail, result.reason == .oracle { refusedByOracle += 1 }
                if way.mutation.isExcused(by: result.notReached) { continue }
                #expect(result.verdict == .fail, "BPF_ASSAY_SEED=\(seed): \(way): \(result.verdict) \(result.message)")
            }
            // What the verifier refuses proves nothing about the oracle.
            #expect(refusedByOracle >= 2)
        }

        /// What one sample leaves in the kernel, such as a cache of socket buffers, must not decide on another.
        @Test func `the order of samples changes no verdict`() async throws {
            let seed = OrderSeed.current()
            var generator = SeededGenerator(seed: seed)
            let order = SamplePlaces.here.shuffled(using: &generator)
            let results = try await TestBench.run(try await TestBench.shared.objects(), order: order) {
                $0.jobs = 1
                $0.makesControlRuns = false
            }
            #expect(results.count == order.count)
            for result in results {
                #expect(result.verdict == .pass, "BPF_ASSAY_SEED=\(seed): \(result.sample): \(result.message)")
            }
        }

        /// Another run of the same samples on the same machine is nothing that a kernel is at fault for.
        @Test func `two runs at once do not disturb each other`() async throws {
            let objects = try await TestBench.shared.objects()
            async let first = TestBench.run(objects) { $0.makesControlRuns = false }
            async let second = TestBench.run(objects) { $0.makesControlRuns = false }
            for result in try await first + second where result.need != .idleProcessors {
                #expect(result.verdict == .pass, "\(result.sample): \(result.message) \(result.details)")
            }
        }

        /// Faults that a kernel had and no sample saw, as an object can imitate them.
        @Test(arguments: [ObjectMutation.sharesProcessors, .crowdsHashes, .forgets(.processorNumber)])
        func `a fault of maps or processors is for more than one sample to see`(mutation: ObjectMutation) async throws {
            let paths = try await TestBench.shared.objects()
            let seeing = try paths.filter { sample in
                let entry = try #require(allSamples.first { $0.id == sample.key })
                return try KernTrial(entry.manifest, objects: sample.value).breaks.contains { $0.mutation == mutation }
            }
            // Of the samples of this catalogue only sockex3 asks for the number of its processor.
            #expect(
                seeing.count >= (mutation == .forgets(.processorNumber) ? 1 : 2),
                "\(seeing.keys.sorted())"
            )
        }

        /// How often each sample is run: `BPF_ASSAY_RUNS`, fifty in `ci/soak`.
        private static let runs = ProcessInfo.processInfo.environment["BPF_ASSAY_RUNS"].flatMap { Int($0) } ?? 6

        @Test func `many runs of each sample agree`() async throws {
            let results = try await TestBench.run(try await TestBench.shared.objects()) {
                $0.repetitions = Self.runs
                $0.makesControlRuns = false
            }
            #expect(results.count == SamplePlaces.here.count)
            for result in results {
                #expect(result.attempts.count == Self.runs)
                let others = result.attempts.filter { $0.verdict != .pass }
                #expect(others.isEmpty, "\(result.sample): \(others.map(\.message))")
            }
        }
    }
}
