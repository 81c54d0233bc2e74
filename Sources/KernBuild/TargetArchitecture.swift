/// The architecture of the kernels that objects are built for.
///
/// BPF instructions are the same everywhere; what differs is the tree's UAPI headers (byte order, register names, sizes of
/// types). Both are 64-bit and little endian. The samples of the catalogue compile for both; only x86 objects have been run.
public enum TargetArchitecture: String, Sendable, Hashable, CaseIterable {
    /// x86_64.
    case x86
    /// AArch64, little endian.
    case arm64

    /// The architecture of this machine.
    public static var host: TargetArchitecture {
        #if arch(arm64)
            .arm64
        #else
            .x86
        #endif
    }

    /// The architecture's folder in a kernel tree, and the suffix of libbpf's `__TARGET_ARCH_` macro.
    var folder: String { rawValue }

    /// The target by which clang reads the architecture's internal headers.
    var triple: String {
        switch self {
        case .x86: "x86_64-linux-gnu"
        case .arm64: "aarch64-linux-gnu"
        }
    }

    /// What a compiler for this architecture defines, and `clang -target bpf` does not.
    ///
    /// The tree's headers choose the word size and the samples choose names of system calls by it.
    var macro: String {
        switch self {
        case .x86: "__x86_64__"
        case .arm64: "__aarch64__"
        }
    }
}
