import FileBytes
import Glibc

/// Where a kernel's image is, and where its config and modules may be.
struct KernelPlace {
    /// The image.
    let image: String
    /// The folder that stands for `/`, or the built tree; `nil` for an image that stands alone.
    private let root: String?
    private let isTree: Bool

    /// Finds the image of what was named.
    init(_ name: String, cache: CacheFolder?) throws(GuestKernelError.Cause) {
        switch Self.kind(of: name) {
        case S_IFDIR:
            try self.init(folder: name.count > 1 && name.hasSuffix("/") ? String(name.dropLast()) : name)
        case S_IFREG:
            if DebianPackage.isLike(name) {
                let folder = try DebianPackage.unpacked(name, cache)
                do throws(GuestKernelError.Cause) {
                    try self.init(folder: folder)
                } catch {
                    throw error == .emptyFolder ? .emptyPackage : error
                }
            } else {
                self.init(image: name)
            }
        case nil:
            let places = ["/boot/vmlinuz-\(name)", "/usr/lib/modules/\(name)/vmlinuz", "/lib/modules/\(name)/vmlinuz"]
            let image = name.contains("/") ? nil : places.first { Self.kind(of: $0) == S_IFREG }
            guard let image else { throw .missing }
            self.init(image: image)
        case S_IFIFO: throw .refused("\(InputError.pipe)")
        case S_IFSOCK: throw .refused("\(InputError.socket)")
        default: throw .refused("\(InputError.device)")
        }
    }

    private init(image: String, root: String?, isTree: Bool) {
        self.image = image
        self.root = root
        self.isTree = isTree
    }

    private init(image: String) {
        let parts = image.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.dropLast().joined(separator: "/")
        if image.hasSuffix("/arch/x86/boot/bzImage") {
            self.init(image: image, root: String(image.dropLast("/arch/x86/boot/bzImage".count)), isTree: true)
        } else if parts.last == "vmlinux", Self.kind(of: "\(folder)/.config") == S_IFREG {
            self.init(image: image, root: folder, isTree: true)
        } else {
            self.init(image: image, root: Self.root(of: parts), isTree: false)
        }
    }

    /// The folder that stands for `/`, for an image in `boot`, `lib/modules/RELEASE` or `usr/lib/modules/RELEASE` below it.
    private static func root(of parts: [Substring]) -> String? {
        let folders = parts.dropLast()
        if folders.last == "boot" { return folders.dropLast().joined(separator: "/") }
        guard folders.dropLast().suffix(2) == ["lib", "modules"] else { return nil }
        let above = folders.dropLast(3)
        return (above.last == "usr" ? above.dropLast() : above).joined(separator: "/")
    }

    private init(folder: String) throws(GuestKernelError.Cause) {
        for image in ["\(folder)/arch/x86/boot/bzImage", "\(folder)/vmlinux"] where Self.kind(of: image) == S_IFREG {
            self.init(image: image, root: folder, isTree: true)
            return
        }
        let images =
            ["\(folder)/boot", folder].lazy.map { place in
                FileTree.entries(of: place).filter { $0.hasPrefix("vmlinuz") }.sorted().map { "\(place)/\($0)" }
            }.first { !$0.isEmpty } ?? Self.imagesBesideModules(folder)
        guard let image = images.first else { throw .emptyFolder }
        guard images.count == 1 else { throw .ambiguous(images) }
        self.init(image: image)
    }

    /// Images where Debian 14, Fedora and Arch have them.
    private static func imagesBesideModules(_ folder: String) -> [String] {
        // In a system's own root the one is a link to the other.
        ["\(folder)/usr/lib/modules", "\(folder)/lib/modules"].lazy.map { place in
            FileTree.entries(of: place).sorted().map { "\(place)/\($0)/vmlinuz" }.filter { kind(of: $0) == S_IFREG }
        }.first { !$0.isEmpty } ?? []
    }

    /// Files that may be the config of the kernel with this release.
    func configs(_ release: String) -> [String] {
        let folder = image.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let beside = folder.isEmpty ? "" : "\(folder)/"
        var found = ["\(beside)config-\(release)"]
        if let root, isTree { found.insert("\(root)/.config", at: 0) }
        found += modules(release).map { "\($0)/config" }
        found.append("\(beside)config")
        return found.filter { Self.kind(of: $0) == S_IFREG }
    }

    /// Folders that may hold its modules.
    func modules(_ release: String) -> [String] {
        guard !release.contains("/") else { return [] }
        let folder = image.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        // An image may lie among its modules, whatever the folder above is called.
        let own = folder.split(separator: "/").last.map { $0 == release } == true ? [folder] : []
        guard let root else {
            return own
                + (folder.isEmpty
                    ? ["lib/modules/\(release)"] : ["\(folder)/lib/modules/\(release)", "\(folder)/\(release)"])
        }
        if isTree { return ["\(root)/lib/modules/\(release)", root] }
        return own + ["\(root)/lib/modules/\(release)", "\(root)/usr/lib/modules/\(release)"]
    }

    /// The type of what a path leads to, of `st_mode`.
    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }
}
