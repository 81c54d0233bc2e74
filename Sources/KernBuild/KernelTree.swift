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
    /// Which headers a compiler is made to read first in builds of this tree, and by which it silences `asm goto`.
    let kernelPreludes: [String]
    /// Whether `samples/bpf` has a `vmlinux.h`, which `make` leaves there: it is of whatever kernel ran then.
    let hasStaleTypes: Bool
    /// The folder behind all symbolic links.
    let resolved: FilePath

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
        kernelPreludes = [
            "include/linux/compiler-version.h", "include/linux/kconfig.h", "samples/bpf/asm_goto_workaround.h",
        ]
        .filter { Files.kind(of: root.appending($0)) == .success(.file) }
        hasStaleTypes = Files.isThere(root.appending("samples/bpf/vmlinux.h"))
        resolved = Files.resolved(root)
        for (part, make) in Self.parts where Files.kind(of: root.appending(part)) != .success(.folder) {
            throw make(root.string)
        }
        if let cause = Files.refusal(ofListing: root.appending("samples/bpf")) {
            throw .unreadable(root.appending("samples/bpf").string, cause)
        }
    }

    /// What a build of this tree needs and the tree does not have, as one line; `nil` where it has all.
    ///
    /// Not every source needs each of them, so that a lack is no error until a source fails.
    public func missingPart(_ architecture: TargetArchitecture) -> KernelTreeError? {
        var parts = [
            "include/uapi/linux/types.h", "include/uapi/linux/bpf.h", "arch/\(architecture.folder)/include/uapi/asm",
            "tools/testing/selftests/bpf",
        ]
        if version >= KernelVersion(5, 5) { parts.append("tools/lib/bpf/bpf_helpers.h") }
        let missing = parts.first { !Files.isThere(path.appending($0)) }
        return missing.map { .incomplete(path.string, $0) }
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

    /// The source that a folder was an output folder (`make O=`) of; `nil` where it was none.
    private static func source(ofOutput root: FilePath, makefile: String) -> String? {
        let link = root.appending("source")
        if Files.isLink(link), Files.kind(of: link) == .success(.folder) { return Files.resolved(link).string }
        for line in makefile.split(separator: "\n") where line.hasPrefix("include /") && line.hasSuffix("/Makefile") {
            return String(line.dropFirst("include ".count).dropLast("/Makefile".count))
        }
        return nil
    }

    /// Reads the version from the `Makefile` at a tree's top.
    private static func readVersion(of root: FilePath) throws(KernelTreeError) -> KernelVersion {
        let makefile = root.appending("Makefile")
        let text: String
        switch Files.read(makefile, limit: 1 << 16) {
        case .success(let bytes): text = Files.text(bytes)
        case .failure(.noSuchFileOrDirectory): throw .noKernelTree(root.string, "it has no Makefile")
        case .failure(let cause): throw .unreadable(makefile.string, cause)
        }
        guard let version = KernelVersion(makefile: text) else {
            if Files.isPointer(makefile) { throw .noKernelTree(root.string, "its Makefile is a pointer of git-lfs") }
            if let source = Self.source(ofOutput: root, makefile: text) { throw .outputFolder(root.string, source) }
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
