import SystemPackage

/// What the objects are compiled with, except the source and the output.
struct CompileOptions {
    /// For sources that include the tree's headers, with ours in place of internal ones.
    let compat: [String]
    /// For sources that include `vmlinux.h`.
    let btf: [String]
    /// For sources that include the tree's headers, internal ones too: the first of two steps.
    let kernel: [String]
    /// The second of two steps, which turns the output of the first into BPF.
    let lowering: [String]

    init(compiler: Compiler, architecture: TargetArchitecture, include: IncludeFolders, tree: KernelTree) {
        let names =
            // The object's bytes must not tell where the tree or the output folder is. The working folder is the tree and
            // its file names are relative, so clang can still open them: BTF carries the source lines that logs show.
            ["-fdebug-compilation-dir=."] + include.debugNames.map { "-ffile-prefix-map=\($0)=\($1)" }
            // A crash must not leave a reproducer of some MB in /tmp.
            + ["-fno-crash-diagnostics", "-fno-color-diagnostics"]
        let architectureMacros = ["-D__TARGET_ARCH_\(architecture.folder)", "-D\(architecture.macro)"]
        // No host header can be found: what is neither in the tree, nor libbpf's, nor ours, is an error and not a guess.
        let target = ["-target", "bpf", "-O2", "-g", "-nostdlibinc"] + compiler.options
        let warnings = [
            // The compiler would make a call of an undeclared function an extern that no loader can resolve.
            "-Werror=implicit-function-declaration",
            // Silenced upstream too (samples/bpf/Makefile): the samples compare struct pointers with void *data_end.
            "-Wno-compare-distinct-pointer-types",
        ]
        func searched(_ folders: [String]) -> [String] { folders.flatMap { ["-isystem", $0] } }
        compat =
            target + ["-D__KERNEL__", "-D__BPF_TRACING__"] + architectureMacros
            // Found by the search order: clang makes an #include of it, which a path with a quote in it would break.
            + ["-include", "bpf_assay_prelude.h"]
            + ["-I", "tools/testing/selftests/bpf"]  // bpf_legacy.h; bpf_helpers.h before 5.5
            + searched(include.searchOrder(architecture)) + warnings + names
        btf =
            target + (tree.hasStaleTypes ? ["-ivfsoverlay", include.overlay.string] : []) + architectureMacros
            + searched(include.btfSearchOrder(architecture))
            // For sources of the kernel's tests, which name headers beside their folder.
            + ["-idirafter", "tools/testing/selftests/bpf"] + warnings + names
        kernel = Self.kernel(compiler, architecture, include, tree) + names
        lowering = ["-target", "bpf", "-O2", "-g", "-Wno-override-module"] + compiler.options + names
    }

    /// Upstream's options (`samples/bpf/Makefile` and the top `Makefile` of a tree), for the tree's own internal headers.
    ///
    /// These hold inline assembler of the host's, so clang reads them for the host and leaves its intermediate form; upstream pipes that
    /// through opt, llvm-dis and llc, which clang does itself in the second step.
    private static func kernel(
        _ compiler: Compiler,
        _ architecture: TargetArchitecture,
        _ include: IncludeFolders,
        _ tree: KernelTree
    ) -> [String] {
        let arch = "arch/\(architecture.folder)/include"
        let own = include.kernel
        let folders = [
            // Before the tree's: what make left in a tree that was configured is of some configuration, or architecture.
            own.appending("include").string,
            arch, own.appending("asm-generated").string, "include", "\(arch)/uapi",
            own.appending("uapi-generated").string, "include/uapi", own.appending("samples").string, "samples/bpf",
            "tools/testing/selftests/bpf", include.library.string,
            // bpf_helper_defs.h, where libbpf's headers are the tree's.
            own.appending("helpers").string,
        ]
        return ["--target=\(architecture.triple)", "-O2", "-g", "-nostdinc"] + compiler.options
            + folders.flatMap { ["-I", $0] }
            + ["-idirafter", own.appending("libc").string]
            // Trees before 5.13 have no compiler-version.h.
            + tree.kernelPreludes.filter { $0.hasPrefix("include/") }.flatMap { ["-include", $0] }
            // The tree's, or ours where it has none, as before 5.0.
            + ["-include", "asm_goto_workaround.h", "-DKBUILD_MODNAME=\"bpf\""]
            + ["-D__KERNEL__", "-D__BPF_TRACING__", "-D__TARGET_ARCH_\(architecture.folder)"]
            + [
                "-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-S", "-emit-llvm", "-Xclang",
                "-disable-llvm-passes", "-Wno-unused-value", "-Wno-pointer-sign", "-Wno-compare-distinct-pointer-types",
                "-Wno-gnu-variable-sized-type-not-at-end", "-Wno-address-of-packed-member",
                "-Wno-tautological-compare", "-Wno-macro-redefined", "-Wno-unknown-warning-option",
                "-Wno-unknown-attributes",
            ]
    }
}
