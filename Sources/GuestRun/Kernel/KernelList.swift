import FileBytes
import FoundationEssentials
import Glibc
import LinuxHost
import RunModel

/// A list of kernels to run on, such as `ci/kernels.json`; `docs/kernels.schema.json` says what it looks like.
public struct KernelList: Sendable, Hashable {
    /// The name and version of the format.
    public static let schema = "bpf-assay/kernels/1"

    /// Where a checkout of bpf-assay has its list.
    static let usual = "ci/kernels.json"

    /// The list of a path, else of `$BPF_ASSAY_KERNELS`, else of the working folder.
    ///
    /// - Throws: ``KernelListError``.
    public static func find(named path: String?) throws(KernelListError) -> KernelList {
        let variable = getenv("BPF_ASSAY_KERNELS").map { String(cString: $0) } ?? ""
        if let named = path ?? (variable.isEmpty ? nil : variable) { return try KernelList(contentsOf: named) }
        guard access(usual, F_OK) == 0 else { throw .none }
        return try KernelList(contentsOf: usual)
    }

    /// A kernel of the list.
    public struct Entry: Sendable, Hashable, Decodable {
        /// What it is called in messages.
        public var name: String
        /// The Debian package that was unpacked; in it `*` stands for a version, and the newest counts.
        var package: String?
        /// What ``GuestKernel`` takes, or `host`; a relative path begins in the list's folder.
        var kernel: String?
        /// Samples that are known to fail there, one per line as in a deny list.
        var deny: [String]?
    }

    /// A kernel that was found.
    public struct Found: Sendable, Hashable {
        /// What ``GuestKernel`` takes, or `host`.
        public var kernel: String
        /// Samples that are known to fail there, as the text of a deny list.
        public var deny: String
    }

    /// The list's file.
    public let path: String
    /// Its kernels.
    public let entries: [Entry]
    /// The list's folder, with a slash behind it; empty for the working folder.
    private var folder: String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }
    private var images = ""
    private let fetch: String?

    private struct File: Decodable {
        var schema: String
        var images: String?
        var fetch: String?
        var kernels: [Entry]
    }

    /// Reads a list.
    ///
    /// - Throws: ``KernelListError`` for what is no list. Kernels that are not there throw later: see ``found()``.
    public init(contentsOf path: String) throws(KernelListError) {
        let bytes: [UInt8]
        do {
            bytes = try InputFile.read(path, limit: 1 << 20)
        } catch {
            throw .unreadable(path, "\(error)")
        }
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: Data(bytes))
        } catch {
            throw .malformed(path, DecodingFailure.text(of: error))
        }
        guard file.schema == Self.schema else {
            throw .malformed(path, "its schema is '\(file.schema)', not '\(Self.schema)'")
        }
        guard !file.kernels.isEmpty else { throw .malformed(path, "it has no kernels") }
        for entry in file.kernels where (entry.package == nil) == (entry.kernel == nil) {
            throw .malformed(path, "'\(entry.name)' has to name either a 'package' or a 'kernel'")
        }
        self.path = path
        entries = file.kernels
        fetch = file.fetch
        images = Self.place(file.images ?? ".", in: folder)
    }

    /// The kernels, each where its image is.
    ///
    /// - Throws: ``KernelListError/missing(_:in:fetch:)`` where images are not there.
    public func found() throws(KernelListError) -> [Found] {
        let unpacked = FileTree.entries(of: images)
        var found: [Found] = []
        var missing: [String] = []
        for entry in entries {
            var place = entry.kernel.map { $0.contains("/") ? Self.place($0, in: folder) : $0 }
            if let package = entry.package {
                // What another entry names exactly is that entry's alone.
                let others = entries.compactMap(\.package).filter { $0 != package }
                let pattern = PackagePattern(package)
                let newest = unpacked.filter { pattern.fits($0) && !others.contains($0) }.max(
                    by: PackagePattern.isOlder
                )
                place = newest.map { "\(images)/\($0)" }
            }
            if let place {
                found.append(Found(kernel: place, deny: (entry.deny ?? []).joined(separator: "\n")))
            } else {
                missing.append(entry.name)
            }
        }
        guard missing.isEmpty else { throw .missing(missing, in: images, fetch: fetch) }
        return found
    }

    /// A path that begins in a folder, without a detour such as `ci/../`.
    private static func place(_ path: String, in folder: String) -> String {
        if path.hasPrefix("/") { return path }
        var (folder, path) = (folder, path[...])
        while path.hasPrefix("../"), let last = folder.split(separator: "/").last, last != "..", last != "." {
            // The way up from a link leads elsewhere than back.
            var status = stat()
            guard lstat(String(folder.dropLast()), &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { break }
            folder.removeLast(last.count + 1)
            path = path.dropFirst(3)
        }
        return folder + path
    }
}

/// Why a list of kernels cannot be used.
public enum KernelListError: Error, Sendable, Hashable, CustomStringConvertible {
    /// None was named, and there is none at the usual place.
    case none
    /// The file cannot be read.
    case unreadable(String, String)
    /// It is no list.
    case malformed(String, String)
    /// Kernels of the list are not there.
    case missing([String], in: String, fetch: String?)

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .none:
            "'all' means the kernels of a list: name one with --kernels or in BPF_ASSAY_KERNELS, or start in a checkout of "
                + "bpf-assay, which has \(KernelList.usual)"
        case .unreadable(let path, let why): "the list of kernels '\(path)' cannot be read: \(why)"
        case .malformed(let path, let why): "'\(path)' is no list of kernels: \(why)"
        case .missing(let names, let folder, let fetch):
            "there is no image of \(names.joined(separator: ", ")) in '\(folder)'"
                + (fetch.map { "; '\($0)' fetches what is missing" } ?? "")
        }
    }
}
