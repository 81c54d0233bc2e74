import Synchronization
import SystemPackage

/// The files that a compiler read, under names that do not tell where the output folder is, and whether it may read them.
///
/// A source of a tree can include any file of the machine by its path, or lead there by a symbolic link. An object that
/// depends on such a file is none of the tree's.
final class InputNames: Sendable {
    private let tree: FilePath
    private let headers: FilePath
    private let allowed: [FilePath]
    private let trusted: [String]
    private let resources: FilePath?
    private let seen = Mutex<[String: FilePath?]>([:])
    private let paths = Mutex<[String: FilePath]>([:])
    private let texts = Mutex<[String: String]>([:])
    private static let mark = "<headers>/"

    /// Names the places that a plan's commands may read from.
    init(_ plan: BuildPlan) {
        tree = plan.tree.path
        headers = plan.include.root
        resources = plan.compiler.resources.map { FilePath($0) }
        let places =
            [plan.tree.path, plan.include.root] + plan.links.map(\.destination) + (resources.map { [$0] } ?? [])
        // Of the folders of headers, those without a link in them.
        trusted = [plan.include.compat, plan.include.btf, plan.include.kernel].map { folder in
            Self.mark + (folder.lastComponent?.string ?? "") + "/"
        }
        allowed = places.map(Files.resolved)
    }

    /// The name by which a file is kept, of the path that the compiler gave.
    func name(_ path: String) -> String {
        let root = headers.string + "/"
        // A folder of the tree may bear the mark as its name.
        if path.hasPrefix(Self.mark) { return "./\(path)" }
        return path.hasPrefix(root) ? Self.mark + path.dropFirst(root.count) : path
    }

    /// The file of a name.
    ///
    /// The objects of a tree read the same few hundred files, and a path is slow to make: each is made once.
    func path(_ name: String) -> FilePath {
        if let known = paths.withLock({ $0[name] }) { return known }
        let path = newPath(name)
        paths.withLock { $0[name] = path }
        return path
    }

    /// The same, as text.
    func text(_ name: String) -> String {
        if let known = texts.withLock({ $0[name] }) { return known }
        let text = path(name).string
        texts.withLock { $0[name] = text }
        return text
    }

    private func newPath(_ name: String) -> FilePath {
        if name.hasPrefix(Self.mark) { return headers.appending(String(name.dropFirst(Self.mark.count))) }
        return name.hasPrefix("/") ? FilePath(name) : tree.pushing(FilePath(name))
    }

    /// Whether a file is ours or the compiler's own, by its name.
    func isTrusted(_ name: String) -> Bool {
        if trusted.contains(where: { name.hasPrefix($0) }) { return !name.contains("/../") }
        return name.hasPrefix("/") && !name.contains("/../")
            && resources.map { name.hasPrefix($0.string + "/") } ?? false
    }

    /// Where a file really is, if that is outside of all that a build may read; `nil` if it is inside.
    func escape(_ name: String) -> FilePath? {
        if let known = seen.withLock({ $0[name] }) { return known }
        let real = Files.resolved(path(name))
        let escape = allowed.contains { real.starts(with: $0) } ? nil : real
        seen.withLock { _ = $0.updateValue(escape, forKey: name) }
        return escape
    }
}
