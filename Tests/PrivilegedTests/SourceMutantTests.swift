import Foundation
import RunModel
import SampleCatalog
import SampleKit
import SampleTrials
import TestSupport
import Testing

extension HostTests {
    /// Faults that the samples themselves list, each compiled from the kern half's source.
    @Suite(.serialized)
    struct SourceMutantTests {
        /// Else a fault of the build itself would stand for every mutant's.
        @Test func `the sources without a fault, built in the same way, pass`() async throws {
            let seed = OrderSeed.current()
            var generator = SeededGenerator(seed: seed)
            let trial = try await SourceTrial(in: "test-mutants")
            let sources = SamplePlaces.here.filter { !$0.type.sourceMutants.isEmpty }
            for entry in sources.shuffled(using: &generator).prefix(SourceTrial.isWhole ? .max : 4) {
                let result = try await TestBench.run(entry.id, try await trial.objects(of: entry, with: nil))
                #expect(
                    result.verdict == .pass || result.need == .idleProcessors,
                    "BPF_ASSAY_SEED=\(seed): \(entry.id): \(result.verdict) \(result.message)"
                )
            }
        }

        /// A commit tries one of each sample, another one than the commit before; `ci/soak` tries all.
        @Test func `a fault in the source of a kern half is a FAIL of its oracle`() async throws {
            let seed = OrderSeed.current()
            let trial = try await SourceTrial(in: "test-mutants")
            for mutated in SourceTrial.chosen(of: SamplePlaces.here, seed: seed) {
                let files: [[UInt8]]
                do {
                    files = try await trial.objects(of: mutated.entry, with: mutated.mutant)
                } catch {
                    Issue.record("\(mutated): \(error)")
                    continue
                }
                let result = try await TestBench.run(mutated.entry.id, files)
                #expect(
                    result.verdict == .fail && result.reason == .oracle,
                    "BPF_ASSAY_SEED=\(seed): \(mutated): \(result.verdict) \(result.message)"
                )
            }
        }
    }
}
