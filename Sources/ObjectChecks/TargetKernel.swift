public import ConfigCheck
public import FeatureRules
import KernelChecks
import KernelImages
public import ObjectNeeds
public import RunModel
import SystemPackage

/// A kernel that objects are fitted to: an image, or a file of its types alone.
public struct TargetKernel {
    /// Its name in a table: its release, or the file's name where nothing says the release.
    public let name: String
    /// Its types.
    public let types: TargetTypes
    /// What is known of its version and options.
    public let account: KernelAccount

    /// Reads a kernel.
    ///
    /// The config is the one that the image embeds, else the file `config-RELEASE` or `config` beside it, as distributions
    /// install both.
    /// For the types of the running kernel it is the running kernel's.
    ///
    /// - Parameters:
    ///   - path: A vmlinux, bzImage or vmlinuz, or a file of BTF such as `/sys/kernel/btf/vmlinux`.
    ///   - named: A config that somebody named for it.
    ///   - version: A version that somebody named for it.
    /// - Throws: ``Unreadable``.
    public init(_ path: String, config named: IdentifiedConfig?, version: KernelVersion?) throws {
        let file = FilePath(path)
        let contents: ImageContents
        do {
            contents = try KernelImage.contents(of: file, wanted: [.types, .config])
        } catch {
            throw Unreadable(path: path, reason: "\(error)")
        }
        guard let bytes = contents.types else {
            throw Unreadable(
                path: path,
                reason: "it embeds no types (BTF) in \(contents.search.searched.joined(separator: " or in ")); "
                    + "the kernel was built without CONFIG_DEBUG_INFO_BTF=y"
            )
        }
        let isRunning = path.hasPrefix("/sys/kernel/btf/")
        let running = isRunning ? RunningKernel.current() : nil
        let release = contents.release ?? running?.release
        let trusted = named ?? Self.config(contents, beside: file, release: release, isRunning: isRunning)
        let known = version ?? trusted?.config.header?.version ?? release.flatMap { KernelVersion($0) }
        // A version that was named is not the image's own, which a table must not hide.
        name = (release ?? file.lastComponent?.string ?? path) + (version.map { " as Linux \($0)" } ?? "")
        do {
            types = TargetTypes(try TypeTable(bytes), kernel: known.map { "Linux \($0.major).\($0.minor)" } ?? name)
        } catch {
            throw Unreadable(path: path, reason: "its BTF cannot be read: \(error.ofTypes)")
        }
        account = KernelAccount(of: trusted, version: version ?? known, release: release)
    }

    private static func config(
        _ contents: ImageContents,
        beside file: FilePath,
        release: String?,
        isRunning: Bool
    ) -> IdentifiedConfig? {
        if isRunning { return RunningConfig().found.flatMap { $0.isTrusted ? $0 : nil } }
        if let text = contents.config {
            return IdentifiedConfig(judgedForItself: KernelConfig(parsing: text), source: file.string)
        }
        guard let release, !release.contains("/") else { return nil }
        // Debian 14, Fedora and Arch keep both in /usr/lib/modules/RELEASE. A config that names another kernel does not count.
        // A distribution's release and the version in its config differ: the image's banner has both.
        let kernel = (try? KernelConfigSource.kernel(inImage: file)) ?? RunningKernel(release: release, version: "")
        return ["config-\(release)", "config"].lazy.compactMap { name -> IdentifiedConfig? in
            let beside = file.removingLastComponent().appending(name)
            guard let config = try? KernelConfigSource.file(beside).read() else { return nil }
            let found = IdentifiedConfig(config, source: beside.string, ofImage: kernel)
            return found.isTrusted ? found : nil
        }.first
    }

    /// A kernel that cannot be read.
    public struct Unreadable: Error, Sendable, Hashable, CustomStringConvertible {
        /// The path.
        public let path: String
        /// Why not.
        public let reason: String

        /// What was read, and why it cannot be.
        public var description: String { "reading kernel '\(path)': \(reason)" }
    }
}
