import LibBPF
import RunModel
import SampleCatalog
import SampleKit
import Testing

/// What every sample of the catalogue owes, without touching a kernel.
struct ContractTests {
    @Test(arguments: allSamples.map(\.id))
    func `the oracle answers its examples, of both kinds`(id: String) throws {
        let entry = try #require(allSamples.first { $0.id == id })
        answers(entry.type)
    }

    private func answers<S: Sample>(_ type: S.Type) {
        #expect(S.examples.contains { $0.passes })
        #expect(S.examples.count { !$0.passes } >= 3)
        for example in S.examples {
            let judgement = S().judge(example.observation)
            #expect(judgement.isPass == example.passes, "\(example.title): \(judgement.firstObjection ?? "passed")")
            // Every claim has a name of its own, so that a report can be read and a regression be found.
            #expect(
                Set(judgement.checks.map(\.claim)).count == judgement.checks.count,
                "\(example.title): a claim stands twice"
            )
        }
    }

    @Test(arguments: allSamples.map(\.id))
    func `an observation survives its way through JSON`(id: String) throws {
        let entry = try #require(allSamples.first { $0.id == id })
        try survives(entry.type)
    }

    /// Some of each kind stand for all: what travels is decided by the type, and a sample may have hundreds of examples.
    private func survives<S: Sample>(_ type: S.Type) throws {
        let examples = S.examples
        for example in stride(from: 0, to: examples.count, by: max(1, examples.count / 20)).map({ examples[$0] }) {
            let value = try JSONRoundTrip.value(of: example.observation)
            #expect(try JSONRoundTrip.decoded(value, as: S.Observation.self) == example.observation, "\(example.title)")
        }
    }

    @Test(arguments: allSamples.map(\.id))
    func `three faults of a kern half's source are named, each once`(id: String) throws {
        let entry = try #require(allSamples.first { $0.id == id })
        let mutants = entry.type.sourceMutants
        // Instructions of our own are changed one by one, and so are those that stand in for a source that left the tree.
        #expect(mutants.count >= (entry.manifest.instructions == nil ? 3 : 0) && Set(mutants).count == mutants.count)
        for mutant in mutants {
            #expect(mutant.occurrence >= 1 && !mutant.word.contains(" ") && mutant.replacement != mutant.word)
            #expect(mutant.meaning.count > 10 && mutant.file?.hasPrefix("/") != true)
        }
    }

    @Test func `names are unique, and lists are in order`() {
        #expect(Set(allSamples.map(\.name)).count == allSamples.count)
        // All objects are built into one folder.
        let files = Set(allSamples.flatMap(\.manifest.kernSources))
        #expect(Set(files.map(\.object)).count == files.count)
        for family in Dictionary(grouping: allSamples, by: \.family).values {
            #expect(family.map(\.name) == family.map(\.name).sorted())
        }
    }

    @Test(arguments: allSamples.map(\.id))
    func `the manifest says what it must`(id: String) throws {
        let manifest = try #require(allSamples.first { $0.id == id }).manifest
        for path in manifest.kernSources.flatMap({ [$0.path] + $0.otherPaths }) {
            #expect(["samples/bpf/", "tools/testing/selftests/bpf/"].contains { path.hasPrefix($0) })
            #expect(path.hasSuffix(".c"))
        }
        // What a sample opens by name.
        #expect(Set(manifest.kernSources.map(\.name)).count == manifest.kernSources.count)
        #expect(!manifest.kernSources.isEmpty || manifest.instructions != nil, "an object or instructions")
        #expect(manifest.misspelledNeeds == [])
        #expect(manifest.needs.contains(.option("CONFIG_BPF_SYSCALL")))
        let hasPrograms = !manifest.kernSources.isEmpty || manifest.instructions?.programs.isEmpty == false
        #expect(manifest.programTypes.isEmpty == !hasPrograms)
        #expect(manifest.unseenHelpers.allSatisfy { $0.key.hasPrefix("bpf_") && $0.value.count > 20 })
        for text in [manifest.summary, manifest.oracle, manifest.oldestTree?.flaw].compactMap(\.self) {
            #expect(text.count > 20 && !text.hasSuffix(".") && !text.contains("\n"))
        }
        #expect(manifest.timeout >= .seconds(5) && manifest.timeout <= .seconds(60))
    }
}
