public import ConfigCheck
import RunModel
import SampleCatalog
import SampleKit

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
    public var valuesForRecords: [String: String] {
        Dictionary(uniqueKeysWithValues: optionsOfRecords.map { ($0, self[$0]?.text ?? "absent") })
    }
}
