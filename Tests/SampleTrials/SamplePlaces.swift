import ConfigCheck
import Foundation
import RunModel
import SampleCatalog
package import SampleKit
package import SampleRun
import Surveys

/// Where each sample of the catalogue is tried: on this host, or in a guest with another kernel.
///
/// By the rule of `run`, and not by a list: what the plan of this host skips for lack of something in its kernel is tried in
/// a guest. Each sample is in one of the two, and neither place skips what it is given.
package enum SamplePlaces {
    /// The samples that this host's kernel has all for.
    package static let here = tried.filter { !isElsewhere($0) }
    /// The samples that need another kernel.
    package static let elsewhere = tried.filter { isElsewhere($0) }

    /// All samples; only some, where `BPF_ASSAY_SAMPLES` names any, for whoever works on these.
    private static let tried: [CatalogEntry] = {
        let named = (ProcessInfo.processInfo.environment["BPF_ASSAY_SAMPLES"] ?? "").split(separator: " ")
        return named.isEmpty
            ? allSamples : allSamples.filter { named.contains("\($0.id)") || named.contains("\($0.name)") }
    }()

    /// All options that samples need are on, so that a refusal is always a FAIL.
    package static let allOn = HostFacts(
        options: Dictionary(uniqueKeysWithValues: allSamples.options.map { ($0, .on) }),
        optionSource: "the test",
        version: nil,
        access: .granted
    )

    private static let skipped: Set<String> = {
        // Where the options are not known nothing is skipped, and a sample that cannot run here fails here.
        let survey = try? HostSurvey(of: RunningConfig(), named: nil, access: .granted, for: allSamples)
        let cells = survey.map { RunPlan(allSamples, on: $0.facts).cells } ?? []
        return Set(cells.filter { $0.action != .run }.map(\.entry.id))
    }()

    private static func isElsewhere(_ entry: CatalogEntry) -> Bool { skipped.contains(entry.id) }
}
