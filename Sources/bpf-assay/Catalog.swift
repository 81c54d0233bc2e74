import KernBuild
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
    /// What is to be compiled for the sample.
    var kernSource: KernSource { KernSource(sample: id, path: manifest.kernSource) }
}
