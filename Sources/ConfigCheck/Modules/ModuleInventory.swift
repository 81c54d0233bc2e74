import FoundationEssentials
public import SystemPackage

/// Which modules a kernel has loaded, and which it could load: what an option with `=m` comes to at run time.
///
/// Made from the text of `/proc/modules` and of the files that depmod(8) and the kernel's build leave in
/// `/lib/modules/RELEASE`. No module is loaded to find out.
public struct ModuleInventory: Sendable, Equatable {
    /// What one module comes to.
    public enum State: Sendable, Equatable {
        /// It is in the kernel now.
        case loaded
        /// It is part of the kernel's image, whatever the config says.
        case builtIn
        /// This file below `/lib/modules/RELEASE` holds it, and nothing forbids loading.
        case loadable(String)
        /// A list of the kernel's modules is there and does not have it, or the file that it names is gone.
        case notInstalled
        /// It is not loaded, and `kernel.modules_disabled` forbids loading until the next boot.
        case forbidden
        /// It is not loaded, and there is no list of the kernel's modules, as in most containers.
        case unknown
    }

    private let loaded: Set<String>
    private let builtIn: Set<String>
    /// Files by the module's name; `nil` where there is no list.
    private let files: [String: String]?
    private let isLoadingForbidden: Bool
    /// Where the files are, `nil` where only texts are known and none is looked for.
    private let folder: FilePath?

    /// Makes an inventory of texts; `nil` stands for a file that is not there.
    ///
    /// Lines of another form are passed over.
    ///
    /// - Parameters:
    ///   - loaded: The text of `/proc/modules`.
    ///   - builtIn: The text of `modules.builtin`: a path a line.
    ///   - dependencies: The text of `modules.dep`: a path, a colon and paths, one per line.
    ///   - isLoadingForbidden: Whether `kernel.modules_disabled` is 1.
    public init(loaded: String?, builtIn: String?, dependencies: String?, isLoadingForbidden: Bool = false) {
        self.init(loaded, builtIn, dependencies, isLoadingForbidden, folder: nil)
    }

    private init(_ loaded: String?, _ builtIn: String?, _ listed: String?, _ isForbidden: Bool, folder: FilePath?) {
        let lines = loaded?.split(separator: "\n") ?? []
        self.loaded = Set(lines.compactMap { $0.split(separator: " ").first.map { Self.name($0) } })
        self.builtIn = Set((builtIn?.split(separator: "\n") ?? []).compactMap { Self.module(inFile: $0) })
        files = listed.map { text in
            let paths = text.split(separator: "\n").compactMap { $0.split(separator: ":").first }
            let named = paths.compactMap { path in Self.module(inFile: path).map { ($0, String(path)) } }
            return Dictionary(named) { first, _ in first }
        }
        isLoadingForbidden = isForbidden
        self.folder = folder
    }

    /// The inventory of the running kernel; blocks for some milliseconds on its files.
    ///
    /// A file that cannot be read counts as one that is not there.
    ///
    /// - Parameters:
    ///   - release: `uname -r`. One with a slash in it has no modules.
    ///   - root: The folder that stands for `/`.
    /// - Returns: The inventory; without a `modules.dep` every module that is not loaded is ``State/unknown``.
    public static func current(release: String, root: FilePath = "/") -> ModuleInventory {
        let isName = !release.isEmpty && !release.contains("/")
        let folder = root.appending("lib/modules").appending(isName ? release : "none")
        func text(_ path: FilePath) -> String? {
            (try? ConfigFile.bytes(at: path)).map { String(decoding: $0, as: UTF8.self) }
        }
        let disabled = text(root.appending("proc/sys/kernel/modules_disabled"))
        return ModuleInventory(
            text(root.appending("proc/modules")),
            text(folder.appending("modules.builtin")),
            isName ? text(folder.appending("modules.dep")) : nil,
            disabled?.first == "1",
            folder: folder
        )
    }

    /// What a module comes to.
    ///
    /// - Parameter module: Its name; `-` and `_` are the same, as for modprobe(8).
    /// - Returns: The state, which a running kernel may change at any time.
    public func state(of module: String) -> State {
        let name = Self.name(module[...])
        if loaded.contains(name) { return .loaded }
        if builtIn.contains(name) { return .builtIn }
        guard let files else { return .unknown }
        guard let file = files[name] else { return .notInstalled }
        if let folder, !ConfigFile.exists(file.hasPrefix("/") ? FilePath(file) : folder.appending(file)) {
            return .notInstalled
        }
        return isLoadingForbidden ? .forbidden : .loadable(file)
    }

    /// The module's name in a path such as `kernel/net/sched/cls_bpf.ko.xz`.
    private static func module(inFile path: Substring) -> String? {
        guard let file = path.split(separator: "/").last, let end = file.firstRange(of: ".ko") else { return nil }
        let name = file[..<end.lowerBound]
        return name.isEmpty ? nil : self.name(name)
    }

    private static func name(_ text: Substring) -> String {
        String(decoding: text.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    }
}

/// Where the modules of a kernel whose config bears witness are looked for.
struct ModulePlace: Sendable, Equatable {
    let release: String
    let root: FilePath
}
