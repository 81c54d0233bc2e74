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
        ("asm/posix_types.h", PackageResources.posix_types_h),
        ("linux/byteorder/little_endian.h", PackageResources.little_endian_h),
        ("linux/compiler.h", PackageResources.compiler_h),
        ("linux/compiler_types.h", PackageResources.compiler_types_h),
        ("linux/if_vlan.h", PackageResources.if_vlan_h),
        ("linux/net.h", PackageResources.net_h),
        ("linux/ptrace.h", PackageResources.ptrace_h),
        ("linux/socket.h", PackageResources.socket_h),
        ("linux/stddef.h", PackageResources.stddef_h),
        ("linux/types.h", PackageResources.types_h),
        ("prelude.h", PackageResources.prelude_h),
    ]
}
