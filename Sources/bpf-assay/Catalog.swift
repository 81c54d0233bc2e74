import SampleCatalog
import SampleKit
import SampleRun

/// The samples that names on the command line select, all where there are none.
///
/// - Throws: `SampleSelection.NoSuchSample`.
func selectedSamples(_ patterns: [String]) throws -> [CatalogEntry] {
    try SampleSelection(patterns).select(from: allSamples)
}
