public import RunModel
public import SystemPackage

/// A folder with the unpacked source of a kernel, which need not be configured and is never written to.
public struct KernelTree: Sendable, Hashable {
    /// The folder, absolute, without a trailing slash; symbolic links in it are kept.
    public let path: FilePath
    /// VERSION, PATCHLEVEL and SUBLEVEL of the top `Makefile`.
    public let version: KernelVersion
    /// Whether the tree has libbpf's headers for programs, as it has since 5.5.
    let hasLibrary: Bool

    /// Checks that a folder holds a kernel's source with its BPF samples, and reads its version.
    ///
    /// - Parameter path: Absolute, or relative to the working folder.
    /// - Throws: ``KernelTreeError`` if the folder or one of the parts that a build needs is not there or cannot be read. A
    ///   tree that lacks the source of a certain sample is not an error here: see ``contains(_:)``.
    public init(at path: String) throws(KernelTreeError) {
        guard !path.isEmpty, !path.contains("\0") else { throw .notFound(path) }
        let root = Files.absolute(path)
        switch Files.kind(of: root) {
        case .success(.folder): break
        case .success: throw .notAFolder(root.string)
        case .failure(.noSuchFileOrDirectory): throw .notFound(root.string)
        case .failure(let cause): throw .unreadable(root.string, cause)
        }
        self.path = root
        version = try Self.readVersion(of: root)
        hasLibrary = Files.kind(of: root.appending("tools/lib/bpf/bpf_helpers.h")) == .success(.file)
        for (part, make) in Self.parts where Files.kind(of: root.appending(part)) != .success(.folder) {
            throw make(root.string)
        }
    }

    /// Whether the tree has a sample's source as a regular file.
    public func contains(_ source: KernSource) -> Bool {
        source.isWellFormed && Files.kind(of: path.appending(source.path)) == .success(.file)
    }

    /// What a build needs besides the `Makefile`, and the error that says it is missing.
    private static let parts: [(String, @Sendable (String) -> KernelTreeError)] = [
        ("samples/bpf", { .noSamples($0) }),
        ("include/uapi", { .noHeaders($0) }),
    ]

    /// Reads the version from the `Makefile` at a tree's top.
    private static func readVersion(of root: FilePath) throws(KernelTreeError) -> KernelVersion {
        let makefile = root.appending("Makefile")
        let text: String
        switch Files.read(makefile, limit: 1 << 16) {
        case .success(let bytes): text = String(decoding: bytes, as: UTF8.self)
        case .failure(.noSuchFileOrDirectory): throw .noKernelTree(root.string, "it has no Makefile")
        case .failure(let cause): throw .unreadable(makefile.string, cause)
        }
        guard let version = KernelVersion(makefile: text) else {
            throw .noKernelTree(
                root.string,
                "its Makefile does not begin with VERSION, PATCHLEVEL and SUBLEVEL as numbers"
            )
        }
        return version
    }
}

extension KernelVersion {
    /// Reads the version that a kernel's top `Makefile` assigns.
    ///
    /// The first assignment of each name counts, as plain digits; a `#` begins a comment. Nothing is expanded.
    ///
    /// - Returns: `nil` if VERSION, PATCHLEVEL or SUBLEVEL is missing or no number below a million.
    init?(makefile text: String) {
        var numbers: [String: Int?] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let sides = line.prefix { $0 != "#" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { continue }
            let name = sides[0].split(whereSeparator: \.isWhitespace)
            guard name.count == 1, ["VERSION", "PATCHLEVEL", "SUBLEVEL"].contains(name[0]) else { continue }
            guard numbers[String(name[0])] == nil else { continue }
            let value = sides[1].split(whereSeparator: \.isWhitespace)
            let digits = value.count == 1 && value[0].allSatisfy { "0"..."9" ~= $0 } && value[0].count < 7
            numbers.updateValue(digits ? Int(value[0]) : nil, forKey: String(name[0]))
        }
        guard case let major?? = numbers["VERSION"], case let minor?? = numbers["PATCHLEVEL"],
            case let patch?? = numbers["SUBLEVEL"]
        else { return nil }
        self.init(major, minor, patch)
    }
}
