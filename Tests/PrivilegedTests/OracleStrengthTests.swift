import Foundation
import RunModel
import SampleKit
import SampleTrials
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
        /// Low, for a few changes of each sample may by chance be those that change nothing; `ci/soak` tries all.
        private static let leastShare = 0.65

        /// How many changes of each sample are tried: `BPF_ASSAY_MUTANTS`, a number or `all`.
        private static let wanted = ProcessInfo.processInfo.environment["BPF_ASSAY_MUTANTS"] ?? "3"
        /// Only these samples, where `BPF_ASSAY_SAMPLES` names any.
        private static let named = Set(
            (ProcessInfo.processInfo.environment["BPF_ASSAY_SAMPLES"] ?? "").split(separator: " ").map(String.init)
        )

        @Test func `most changes of one instruction are a FAIL`() async throws {
            let seed = OrderSeed.current()
            var generator = SeededGenerator(seed: seed)
            var (tried, caught) = (0, 0)
            for entry in SamplePlaces.here where Self.named.isEmpty || Self.named.contains(entry.id) {
                let paths = try #require(try await TestBench.shared.objects()[entry.id])
                let files = try paths.map { Array(try Data(contentsOf: URL(fileURLWithPath: $0))) }
                var mutations = files.indices.flatMap { file in
                    InstructionMutation.all(for: files[file]).map { (file: file, change: $0) }
                }
                if Self.wanted != "all" {
                    mutations = Array(mutations.shuffled(using: &generator).prefix(Int(Self.wanted) ?? 3))
                }
                var missed: [InstructionMutation] = []
                for mutation in mutations {
                    var broken = files
                    broken[mutation.file] = mutation.change.applied(to: files[mutation.file])
                    let result = try await TestBench.run(entry.id, broken)
                    if result.verdict == .pass { missed.append(mutation.change) }
                }
                tried += mutations.count
                caught += mutations.count - missed.count
                print("\(entry.id): \(mutations.count - missed.count) of \(mutations.count) changes noticed")
                for mutation in missed { print("  not noticed: \(mutation)") }
            }
            #expect(Double(caught) >= Double(tried) * Self.leastShare, "BPF_ASSAY_SEED=\(seed): \(caught) of \(tried)")
        }
    }
}
