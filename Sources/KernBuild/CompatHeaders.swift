import FileBytes
import RunModel

/// The headers of ours that a kern source is compiled with; the files are in `Compat/`, and their bytes in the binary.
///
/// What the samples include is, for the most part, the tree's own UAPI, and it is taken from the tree, not from the host's
/// `/usr/include/linux`: an object then depends on the tree it is said to be built from. Two things are missing there.
/// UAPI headers of an unconfigured tree still carry the annotations (`__user`) that `make headers_install` strips, and
/// samples include a few kernel-internal headers (`<linux/socket.h>`, `<linux/if_vlan.h>`) for a constant or a struct.
/// The internal headers themselves need a configuration and inline assembler that the bpf target cannot take (6 of
/// 54 objects compile with them). So each of those few names has a small stand-in here, searched first.
enum CompatHeaders {
    /// A header's path below the include folder, and its text.
    ///
    /// SwiftPM names the generated constants after the files alone, so no two files may share a name.
    static let all: [(path: String, content: [UInt8])] = [
        ("arpa/inet.h", PackageResources.inet_h),
        ("asm/posix_types.h", PackageResources.posix_types_h),
        ("asm/unistd.h", PackageResources.unistd_h),
        ("bpf_assay_prelude.h", PackageResources.bpf_assay_prelude_h),
        ("errno.h", PackageResources.errno_h),
        ("kernel_structs.h", PackageResources.kernel_structs_h),
        ("linux/byteorder/little_endian.h", PackageResources.little_endian_h),
        ("linux/compiler.h", PackageResources.compiler_h),
        ("linux/compiler_types.h", PackageResources.compiler_types_h),
        ("linux/if_vlan.h", PackageResources.if_vlan_h),
        ("linux/math64.h", PackageResources.math64_h),
        ("linux/net.h", PackageResources.net_h),
        ("linux/netdevice.h", PackageResources.netdevice_h),
        ("linux/ptrace.h", PackageResources.ptrace_h),
        ("linux/sched.h", PackageResources.sched_h),
        ("linux/skbuff.h", PackageResources.skbuff_h),
        ("linux/slab.h", PackageResources.slab_h),
        ("linux/socket.h", PackageResources.socket_h),
        ("linux/stddef.h", PackageResources.stddef_h),
        ("linux/types.h", PackageResources.types_h),
        ("linux/udp.h", PackageResources.udp_h),
        ("net/inet_ecn.h", PackageResources.inet_ecn_h),
        ("net/ip_fib.h", PackageResources.ip_fib_h),
        ("net/ip.h", PackageResources.ip_h),
        ("net/ipv6.h", PackageResources.ipv6_h),
        ("stdbool.h", PackageResources.stdbool_h),
        ("stdint.h", PackageResources.stdint_h),
        ("string.h", PackageResources.string_h),
        ("syscall_nrs.h", PackageResources.syscall_nrs_h),
    ]

    /// Those for trees of a version and an architecture.
    ///
    /// Until 5.3 `bpf_helpers.h` read the kernel's own registers on arm64, which begin like `user_pt_regs`. They are no part of
    /// the file, whose digest is in the debugging information of all objects.
    static func all(_ architecture: TargetArchitecture, _ version: KernelVersion) -> [(path: String, content: [UInt8])]
    {
        guard architecture == .arm64, version < KernelVersion(5, 3) else { return all }
        let registers = "struct pt_regs {\n\tu64 regs[31];\n\tu64 sp, pc, pstate;\n};\n"
        return all.map { path, content in
            (path, path == "linux/ptrace.h" ? content + Array(registers.utf8) : content)
        }
    }

    /// Those of them that declare no type, for sources that have all types from `vmlinux.h`.
    static let besideBTF = all.filter {
        ["asm/unistd.h", "errno.h", "string.h", "syscall_nrs.h"].contains($0.path)
    }

    /// A name for all their contents at once.
    static let digest = SHA256.hex(Array(all.map { $0.path.utf8 + [0] + $0.content }.joined()))
}
