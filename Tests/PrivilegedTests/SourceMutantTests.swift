import Foundation
import RunModel
import SampleCatalog
import SampleKit
import SampleTrials
import Testing

extension HostTests {
    /// Faults that the samples themselves list, each compiled from the kern half's source.
    @Suite(.serialized)
    struct SourceMutantTests {
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
