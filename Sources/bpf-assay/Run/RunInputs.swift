import CommandInput
import FileBytes
import Reporting
import RunModel
import SampleCatalog
import SampleKit
import SampleRun

/// What a run reads before anything else: which samples, and what is known of them.
struct RunInputs {
    /// The samples that were selected, in the catalogue's order.
    let entries: [CatalogEntry]
    /// The samples that are known to fail.
    let denied: DenyList
    /// The kernel warnings that are ignored.
    let allowedSplats: SplatAllowList

    /// A file that cannot be read, or does not say what it should.
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    /// The most that is read of a list that people write by hand.
    private static let listLimit = 1 << 20

    /// Reads the inputs.
    ///
    /// - Throws: `SampleSelection.NoSuchSample`, `ListLines.Fault` or ``Unreadable``.
    init(_ options: RunOptions) throws {
        var entries = try selectedSamples(options.patterns)
        if options.lastFailed {
            let unsuccessful = try Self.lastFailed(in: options.results)
            entries = entries.filter { unsuccessful.contains($0.id) }
        }
        self.entries = entries
        denied =
            try options.denyList.map { try DenyList(try Self.list($0), list: $0, of: allSamples) } ?? DenyList()
        allowedSplats =
            try options.allowSplats.map { try SplatAllowList(try Self.list($0), list: $0) } ?? SplatAllowList()
    }

    private static func list(_ path: String) throws(Unreadable) -> [UInt8] {
        do {
            return try InputFile.read(path, limit: listLimit)
        } catch {
            throw Unreadable(description: "reading '\(path)': \(error)")
        }
    }

    /// The samples that did not pass in the newest run of a results folder.
    private static func lastFailed(in results: String) throws(Unreadable) -> Set<String> {
        let path = ResultsFolder.newest(under: results)
        do {
            guard case .run(let record, _) = try AnyRecord(try RecordInput.read(path)) else {
                throw Unreadable(description: "it is a check's record")
            }
            return SampleSelection.unsuccessful(in: record)
        } catch {
            throw Unreadable(
                description:
                    "reading the last run for --last-failed: '\(path)': \(error); name its folder with --results"
            )
        }
    }
}
