public import RunModel

/// In which releases of the kernel a sample's kern half stood, and under what file name.
///
/// The table is `samples/history.tsv`, which `ci/sample-history` makes from the lists of files of a release's tree each.
public struct SampleHistory: Sendable {
    /// One file of one sample.
    public struct Entry: Sendable, Hashable {
        /// The sample's name, such as `xdp1`.
        public let sample: String
        /// The file in `samples/bpf`, such as `xdp1_kern.c`.
        public let file: String
        /// The first of the table's releases that has it.
        public let first: KernelVersion
        /// The last of them.
        public let last: KernelVersion
    }

    /// The releases that were looked at, oldest first.
    public let releases: [KernelVersion]
    /// What stood in them.
    public let entries: [Entry]

    /// The table that the program carries.
    public static let builtIn = SampleHistory(String(decoding: PackageResources.history_tsv, as: UTF8.self))

    /// Reads a table; lines that are none of it are left out.
    init(_ text: String) {
        var releases: [KernelVersion] = []
        var entries: [Entry] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# releases: ") {
                releases = line.dropFirst("# releases: ".count).split(separator: " ").compactMap { KernelVersion($0) }
            }
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard !line.hasPrefix("#"), columns.count == 4, let first = KernelVersion(columns[2]),
                let last = KernelVersion(columns[3])
            else { continue }
            entries.append(Entry(sample: String(columns[0]), file: String(columns[1]), first: first, last: last))
        }
        self.releases = releases
        self.entries = entries
    }

    /// All files that the sample of a given file ever was, that file's own entry among them.
    func relatives(of file: String) -> [Entry] {
        let samples = Set(entries.filter { $0.file == file }.map(\.sample))
        return entries.filter { samples.contains($0.sample) }
    }

    /// The file names that builds of whatever release give a sample's kern object, its own first.
    ///
    /// What upstream links of several objects stands before the part that bears the sample's name.
    public func objectNames(of source: KernSource) -> [String] {
        let folder = source.path.dropLast(source.fileName.count)
        var seen: Set<String> = []
        let files = [source.fileName] + (source.isOfSamples ? relatives(of: source.fileName).map(\.file) : [])
        let others = source.otherPaths.map { KernSource(sample: source.sample, path: $0).fileName }
        return (files + others).flatMap { file in
            let object = KernSource(sample: source.sample, path: folder + file).objectName
            return ["\(KernSource.stem(of: file)).lbpf.o", object]
        }.filter { seen.insert($0).inserted }
    }

    /// Why a tree of a version has no such sample; `nil` where it ought to have it, or the table does not know the file.
    ///
    /// Between two releases of the table that both have the sample, every tree ought to have it.
    public func absence(of file: String, in version: KernelVersion) -> String? {
        let known = relatives(of: file)
        guard let account = account(of: file) else { return nil }
        let release = KernelVersion(version.major, version.minor)
        guard !known.contains(where: { $0.first <= release && release <= $0.last }) else { return nil }
        return "Linux \(version) has no such sample: it stood as \(account)"
    }

    /// Why no kern half of a version is run, for a person: the user halves were compared with none so old; `nil` from the oldest
    /// of the releases on.
    ///
    /// What such an object does differently says nothing about the kernel that it runs on.
    public func earliness(of version: KernelVersion) -> String? {
        guard let oldest = releases.first, version < oldest else { return nil }
        // Red Hat's 4.18 has the samples of later trees.
        if version.isSameRelease(as: KernelVersion(4, 18)) { return nil }
        return "is older than any whose behavior is known here; samples are run from Linux \(oldest) on"
    }

    /// Where a file's sample stood, for a person: `xdp1_kern.c in 4.19 to 6.1, xdp1.bpf.c in 6.3`.
    ///
    /// - Returns: `nil` where the table does not know the file.
    public func account(of file: String) -> String? {
        let known = relatives(of: file)
        guard !known.isEmpty else { return nil }
        let places = known.map { entry in
            let first = "\(entry.first.major).\(entry.first.minor)"
            let last = "\(entry.last.major).\(entry.last.minor)"
            return "\(entry.file) in \(first == last ? first : "\(first) to \(last)")"
        }
        let names = releases.map { "\($0.major).\($0.minor)" }.joined(separator: ", ")
        return "\(places.joined(separator: ", ")) (of the releases \(names))"
    }
}
