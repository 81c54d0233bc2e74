import FileBytes
import Reporting
import RunModel
import SampleCatalog
public import SampleKit
public import SampleRun

/// What a run reads before anything else: which samples, and what is known of them.
public struct RunInputs: Sendable {
    /// The samples that were selected, in the catalogue's order.
    public let entries: [CatalogEntry]
    /// The samples that are known to fail.
    public let denied: DenyList
    /// The kernel warnings that are ignored.
    public let allowedSplats: SplatAllowList

    /// A file that cannot be read, or does not say what it should.
    public struct Unreadable: Error, Sendable, Hashable, CustomStringConvertible {
        /// What was read, why that failed, and what to do.
        public let description: String
    }

    /// The most that is read of a list that people write by hand.
    private static let listLimit = 1 << 20

    /// What a command line says of them.
    public struct Choice: Sendable {
        /// What selects samples; all where there is nothing.
        public var patterns: [String] = []
        /// The folder whose newest run says which samples failed, where only those are to run.
        public var lastFailedIn: String?
        /// The list of samples that are known to fail.
        public var denyList: String?
        /// The list of kernel warnings that are ignored.
        public var allowSplats: String?

        /// Chooses all samples.
        public init() {}
    }

    /// Reads the inputs.
    ///
    /// - Throws: `SampleSelection.NoSuchSample`, `ListLines.Fault` or ``Unreadable``.
    public init(_ choice: Choice) throws {
        var entries = try SampleSelection(choice.patterns).select(from: allSamples)
        if let results = choice.lastFailedIn {
            let unsuccessful = try Self.lastFailed(in: results)
            entries = entries.filter { unsuccessful.contains($0.id) }
        }
        self.entries = entries
        denied =
            try choice.denyList.map { try DenyList(try Self.list($0), list: $0, of: allSamples) } ?? DenyList()
        allowedSplats =
            try choice.allowSplats.map { try SplatAllowList(try Self.list($0), list: $0) } ?? SplatAllowList()
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
