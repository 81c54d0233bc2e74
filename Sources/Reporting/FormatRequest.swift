import FileBytes

/// One use of `--format`: a format's name, and the file that it is to go to.
public struct FormatRequest: Sendable, Hashable {
    /// The format's name.
    public var name: String
    /// The file; `nil` for standard output.
    public var file: String?

    /// Creates a use.
    init(name: String, file: String?) {
        self.name = name
        self.file = file
    }

    /// Reads `junit` or `junit=out.xml`; `nil` for an empty name.
    ///
    /// An empty file, as of `junit=`, is kept: ``FormatPlan`` says what is wrong with it.
    public init?(_ argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty else { return nil }
        name = String(first)
        file = parts.count > 1 ? String(parts[1]) : nil
    }
}

/// What is to be written where, of all uses of `--format` together.
public struct FormatPlan: Sendable, Hashable {
    /// The format that goes to standard output; `nil` where none does.
    public var printed: String?
    /// The formats that go to files, each with its file.
    public var files: [FormatRequest]

    /// Sorts uses of `--format`.
    ///
    /// - Parameters:
    ///   - requests: The uses, in the order of the command line.
    ///   - fallback: What goes to standard output where no use says so.
    ///   - output: A file for the format that has none of its own, or else for the fallback, which is then also printed.
    /// - Throws: ``Conflict`` where two forms would have to share one place, or one has a file without a name.
    public init(_ requests: [FormatRequest], fallback: String?, output: String? = nil) throws(Conflict) {
        if let nameless = requests.first(where: { $0.file?.isEmpty == true }) { throw .noFile(nameless.name) }
        let printed = requests.filter { $0.file == nil }.map(\.name)
        if printed.count > 1 { throw .printed(printed[0], printed[1]) }
        self.printed = output == nil ? printed.first ?? fallback : fallback
        files = requests.filter { $0.file != nil }
        if let output, let name = printed.first ?? fallback { files.append(FormatRequest(name: name, file: output)) }
        var seen: Set<String> = []
        for request in files where !seen.insert(request.file ?? "").inserted { throw .file(request.file ?? "") }
    }

    /// Why uses of `--format` cannot be obeyed together.
    public enum Conflict: Error, Sendable, Hashable, CustomStringConvertible {
        /// Two formats for standard output.
        case printed(String, String)
        /// Two formats for one file.
        case file(String)
        /// A format with an empty file name.
        case noFile(String)

        /// One line: what clashes, and what to do.
        public var description: String {
            switch self {
            case .printed(let one, let other):
                "standard output takes one format, and '\(one)' and '\(other)' are asked for; give one a file: "
                    + "--format \(other)=FILE"
            case .file(let path): "two formats are to be written to '\(ForeignText.line(path))'; name a file for each"
            case .noFile(let name): "'\(name)=' names no file; write \(name)=FILE, or \(name) for standard output"
            }
        }
    }
}

/// A list of formats that `--format` can name.
public protocol FormatCatalogue {
    /// The names, in the order in which help lists them.
    static var names: [String] { get }
}

extension ReportFormats: FormatCatalogue {}
extension CheckFormats: FormatCatalogue {}
extension ComparisonFormats: FormatCatalogue {}
