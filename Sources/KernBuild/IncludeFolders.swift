import SystemPackage

/// The folders that clang searches, and the names that files in them get in objects and diagnostics.
///
/// The samples name the same UAPI header both `<linux/X.h>` and `<uapi/linux/X.h>`. `-I include` of the tree would serve the
/// second but also expose every kernel-internal header; a folder with one link, `uapi/linux`, serves it alone.
/// Likewise a folder whose `asm` links to the tree's `asm-generic`, searched behind the architecture's own, does what
/// the generated wrappers of a configured tree do, on every architecture and without a list of them. libbpf's
/// folder is behind a link because `-isystem /usr/include` would bring the host's headers with it.
struct IncludeFolders: Sendable, Hashable {
    /// What all of them are in.
    let root: FilePath
    let compat: FilePath
    let btf: FilePath
    let view: FilePath
    let generic: FilePath
    let library: FilePath
    let kernel: FilePath
    let links: [BuildPlan.Link]

    /// Names the folders; nothing is made.
    ///
    /// - Parameters:
    ///   - tree: The tree whose UAPI headers are used.
    ///   - root: The folder below which headers and links are made.
    ///   - libbpf: The folder that holds libbpf's `bpf_helpers.h`.
    init(tree: KernelTree, root: FilePath, libbpf: FilePath) {
        self.root = root
        compat = root.appending("compat")
        btf = root.appending("btf")
        view = root.appending("view")
        generic = root.appending("generic")
        library = root.appending("libbpf")
        kernel = root.appending("kernel")
        let uapi = tree.path.appending("include/uapi")
        links = [
            BuildPlan.Link(path: view.appending("uapi").appending("linux"), destination: uapi.appending("linux")),
            BuildPlan.Link(path: generic.appending("asm"), destination: uapi.appending("asm-generic")),
            BuildPlan.Link(path: library.appending("bpf"), destination: libbpf),
        ]
    }

    /// What `-isystem` takes for a source that includes the tree's headers, first found first served.
    func searchOrder(_ architecture: TargetArchitecture) -> [String] {
        [
            compat.string, view.string, "arch/\(architecture.folder)/include/uapi", "include/uapi", generic.string,
            library.string,
        ]
    }

    /// The same for a source that includes `vmlinux.h`, which is all types of the kernel at once.
    ///
    /// The stand-ins for internal headers would declare them again; what is left of ours holds macros only.
    func btfSearchOrder(_ architecture: TargetArchitecture) -> [String] {
        [
            btf.string, view.string, "arch/\(architecture.folder)/include/uapi", "include/uapi", generic.string,
            library.string,
        ]
    }

    /// What makes clang read our `vmlinux.h` in place of one in `samples/bpf`.
    var overlay: FilePath { root.appending("overlay.yaml") }

    /// Our headers with what the types of a kernel add to them, searched before ours.
    var extended: FilePath { compat.appending("extended") }

    /// Pairs of a path's beginning and what stands in its place; no path begins with two of them.
    var debugNames: [(String, String)] {
        [
            (compat.string, "bpf-assay"),
            (btf.string, "bpf-assay"),
            (kernel.string, "bpf-assay"),
            (view.appending("uapi").string, "include/uapi"),
            (generic.appending("asm").string, "include/uapi/asm-generic"),
            (library.string, "libbpf"),
        ]
    }
}
