import ConfigCheck
import FeatureRules
import KernelChecks
import RunModel
import TestSupport
import Testing

/// What a config says of a kernel.
struct KernelAccountTests {
    private func config(_ text: String) -> IdentifiedConfig {
        IdentifiedConfig(judgedForItself: KernelConfig(parsing: Array(text.utf8)), source: "mine")
    }

    @Test func `the version is the config's, unless somebody names one`() {
        let subject = config(generated("6.1.7", "CONFIG_BPF=y"))
        #expect(KernelAccount(of: subject, version: nil).version == KernelVersion("6.1.7"))
        #expect(KernelAccount(of: subject, version: KernelVersion("5.4")).version == KernelVersion("5.4"))
        #expect(KernelAccount(of: nil, version: nil).version == nil)
    }
}
