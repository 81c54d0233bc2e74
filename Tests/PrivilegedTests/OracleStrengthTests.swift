import Foundation
import LibBPF
import RunModel
import SampleKit
import SampleTrials
import TestSupport
import Testing

extension HostTests {
    /// How many small changes of the kern halves the oracles notice, whatever the objects were built from.
    ///
    /// Some changes change nothing that anybody could see: what a kprobe returns, a comparison with a number that never comes, room
    /// that is made and not used. So it is their share that is bounded, and `ci/soak` lists those that were not noticed.
    @Suite(.serialized)
    struct OracleStrengthTests {
        /// The least share of changes that must be noticed, of all samples together.
        ///
        /// Low, for one change of each sample may by chance be one that changes nothing: four of five are noticed, and of fifty drawn
        /// at random fewer than 55 % are in one run of many thousands. `ci/soak` tries all.
        private static let leastShare = 0.55

        /// How many changes of each sample are tried: `BPF_ASSAY_MUTANTS`, a number or `all`.
        private static let wanted = ProcessInfo.processInfo.environment["BPF_ASSAY_MUTANTS"] ?? "1"

        @Test func `most changes of one instruction are a FAIL`() async throws {
            let seed = OrderSeed.current()
            var generator = SeededGenerator(seed: seed)
            var (tried, caught) = (0, 0)
            for entry in SamplePlaces.here {
                let paths = try #require(try await TestBench.shared.objects()[entry.id])
                var mutants = try Self.mutants(of: entry.manifest, objects: paths)
                if Self.wanted != "all" {
                    mutants = Array(mutants.shuffled(using: &generator).prefix(Int(Self.wanted) ?? 1))
                }
                var missed: [InstructionMutation] = []
                for mutant in mutants {
                    let result = try await TestBench.run(entry.id, try mutant.files())
                    if result.verdict == .pass { missed.append(mutant.change) }
                }
                tried += mutants.count
                caught += mutants.count - missed.count
                print("\(entry.id): \(mutants.count - missed.count) of \(mutants.count) changes noticed")
                for mutation in missed { print("  not noticed: \(mutation)") }
            }
            #expect(Double(caught) >= Double(tried) * Self.leastShare, "BPF_ASSAY_SEED=\(seed): \(caught) of \(tried)")
        }

        /// A change, and the files of the kern half that has it.
        private struct Mutant {
            let change: InstructionMutation
            let files: () throws -> [[UInt8]]
        }

        /// Every small change of a sample's objects; of its instructions, where it has no objects.
        private static func mutants(of manifest: Manifest, objects paths: [String]) throws -> [Mutant] {
            if paths.isEmpty, let half = manifest.instructions {
                return InstructionMutation.all(for: half).map { change in
                    Mutant(change: change) { [try KernHalf.file(of: change.applied(to: half))] }
                }
            }
            let files = try paths.map { Array(try Data(contentsOf: URL(fileURLWithPath: $0))) }
            return files.indices.flatMap { file in
                InstructionMutation.all(for: files[file]).map { change in
                    Mutant(change: change) {
                        var broken = files
                        broken[file] = change.applied(to: files[file])
                        return broken
                    }
                }
            }
        }
    }
}
