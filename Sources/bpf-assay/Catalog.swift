import ConfigCheck
import KernBuild
import RunModel
import SampleCatalog
import SampleKit
import SampleRun

/// The samples that names on the command line select, all where there are none.
///
/// - Throws: `SampleSelection.NoSuchSample`.
func selectedSamples(_ patterns: [String]) throws -> [CatalogEntry] {
    try SampleSelection(patterns).select(from: allSamples)
}

extension CatalogEntry {
    /// What is to be compiled for the sample, in the order of its manifest.
    var kernSources: [KernSource] {
        manifest.kernSources.map { KernSource(sample: id, path: $0.path, otherPaths: $0.otherPaths) }
    }

    /// Why the kern half of a tree cannot work on any kernel that samples run on; `nil` where it can.
    func flaw(in tree: KernelVersion) -> String? {
        guard let file = manifest.kernSources.first?.fileName else { return nil }
        if let early = SampleHistory.builtIn.earliness(of: tree) { return "the \(file) of Linux \(tree) \(early)" }
        guard let oldest = manifest.oldestTree, tree < oldest.version else { return nil }
        return "the \(file) of Linux \(tree) \(oldest.flaw); that of Linux \(oldest.version) and later works"
    }
}

/// The options of which a record tells the values on each of its machines: those that samples of the catalogue need, and those
/// that no sample needs and that change how programs run.
///
/// All of them, whatever was selected, so that records of different selections can be compared.
private let optionsOfRecords: Set<String> = Set(
    allSamples.flatMap(\.manifest.needs).compactMap { need in
        if case .option(let name) = need { name } else { nil }
    } + ["CONFIG_BPF_JIT_ALWAYS_ON", "CONFIG_HZ", "CONFIG_PREEMPT", "CONFIG_PREEMPT_RT"]
)

extension KernelConfig {
    /// The values of the options that records tell, `absent` for those that it does not mention.
    var valuesForRecords: [String: String] {
        Dictionary(uniqueKeysWithValues: optionsOfRecords.map { ($0, self[$0]?.text ?? "absent") })
    }
}
