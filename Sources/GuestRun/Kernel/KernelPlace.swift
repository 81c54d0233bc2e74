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
                try self.init(folder: try DebianPackage.unpacked(name, cache))
            } else {
                self.init(image: name)
            }
        case nil where !name.contains("/") && Self.kind(of: "/boot/vmlinuz-\(name)") == S_IFREG:
            self.init(image: "/boot/vmlinuz-\(name)")
        case nil:
            throw .missing
        default:
            throw .notAKernel
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
            let root = parts.dropLast().last == "boot" ? parts.dropLast(2).joined(separator: "/") : nil
            self.init(image: image, root: root, isTree: false)
        }
    }

    private init(folder: String) throws(GuestKernelError.Cause) {
        for image in ["\(folder)/arch/x86/boot/bzImage", "\(folder)/vmlinux"] where Self.kind(of: image) == S_IFREG {
            self.init(image: image, root: folder, isTree: true)
            return
        }
        let images = ["\(folder)/boot", folder].lazy.map { place in
            FileTree.entries(of: place).filter { $0.hasPrefix("vmlinuz") }.sorted().map { "\(place)/\($0)" }
        }.first { !$0.isEmpty }
        guard let images, let image = images.first else { throw .emptyFolder }
        guard images.count == 1 else { throw .ambiguous(images) }
        self.init(image: image)
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
        guard let root else {
            let folder = image.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            return folder.isEmpty
                ? ["lib/modules/\(release)"] : ["\(folder)/lib/modules/\(release)", "\(folder)/\(release)"]
        }
        if isTree { return ["\(root)/lib/modules/\(release)", root] }
        return ["\(root)/lib/modules/\(release)", "\(root)/usr/lib/modules/\(release)"]
    }

    /// The type of what a path leads to, of `st_mode`.
    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }
}
