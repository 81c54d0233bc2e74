import SystemPackage

/// A table of system calls in a tree, and what is made of it.
public struct SystemCallTable: Sendable, Hashable {
    /// The table, relative to the tree.
    public let file: String
    /// The rows that count, by their second column.
    let abis: [String]
    /// What stands before a call's name.
    let prefix: String
    /// A macro that is added to each number; empty for none.
    let offset: String

    /// The header that the tree's own build makes of the table.
    func header(_ table: String) -> String {
        var lines = ["/* bpf-assay: generated from \(file) of the tree. */", "#pragma once"]
        for line in table.split(separator: "\n") {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard words.count >= 3, let number = Int(words[0]), abis.contains(String(words[1])) else { continue }
            lines.append("#define \(prefix)\(words[2]) \(offset.isEmpty ? "\(number)" : "(\(offset) + \(number))")")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// The headers that an unconfigured tree lacks when its internal headers are included.
///
/// Which they are comes from the compiler's own dependency files of all objects of 6.1. The numbers of `bounds.h` and
/// `timeconst.h` let the headers compile; they are those of no built kernel, and no sample reads them.
struct KernelHeaders {
    let tree: KernelTree
    /// The `.config` to read; `nil` for ours.
    let configuration: FilePath?

    /// As few options as x86_64's headers can do with: what decides whether they compile, and nothing else.
    static let configuration = """
        CONFIG_64BIT=y
        CONFIG_ARCH_HAS_CACHE_LINE_SIZE=y
        CONFIG_ARCH_HAS_MEM_ENCRYPT=y
        CONFIG_ARCH_HAS_PTE_SPECIAL=y
        CONFIG_ARCH_WANT_BATCHED_UNMAP_TLB_FLUSH=y
        CONFIG_BASE_SMALL=0
        CONFIG_BPF=y
        CONFIG_BPF_SYSCALL=y
        CONFIG_CGROUPS=y
        CONFIG_CGROUP_BPF=y
        CONFIG_GENERIC_IOMAP=y
        CONFIG_HAS_IOMEM=y
        CONFIG_HAS_IOPORT_MAP=y
        CONFIG_HAVE_ARCH_THREAD_STRUCT_WHITELIST=y
        CONFIG_HAVE_ARCH_WITHIN_STACK_FRAMES=y
        CONFIG_HAVE_MOD_ARCH_SPECIFIC=y
        CONFIG_HZ=250
        CONFIG_INET=y
        CONFIG_IPV6=y
        CONFIG_KERNFS=y
        CONFIG_KPROBES=y
        CONFIG_MMU=y
        CONFIG_MODULES=y
        CONFIG_NET=y
        CONFIG_NODES_SHIFT=0
        CONFIG_NR_CPUS=64
        CONFIG_PAGE_SHIFT=12
        CONFIG_PERF_EVENTS=y
        CONFIG_PGTABLE_LEVELS=4
        CONFIG_PHYSICAL_ALIGN=0x200000
        CONFIG_PHYSICAL_START=0x1000000
        CONFIG_SLUB=y
        CONFIG_SMP=y
        CONFIG_SPARSEMEM=y
        CONFIG_SPARSEMEM_VMEMMAP=y
        CONFIG_SYSFS=y
        CONFIG_THREAD_INFO_IN_TASK=y
        CONFIG_TRACEPOINTS=y
        CONFIG_TREE_RCU=y
        CONFIG_TREE_SRCU=y
        CONFIG_UNWINDER_ORC=y
        CONFIG_X86=y
        CONFIG_X86_64=y
        CONFIG_X86_64_SMP=y
        CONFIG_X86_CMOV=y
        CONFIG_X86_CMPXCHG64=y
        CONFIG_X86_INTERNODE_CACHE_SHIFT=6
        CONFIG_X86_L1_CACHE_SHIFT=6
        CONFIG_X86_MINIMUM_CPU_FAMILY=64
        CONFIG_X86_TSC=y

        """

    /// What trees before 5.16 have from the compiler.
    private static let variableArguments = """
        /* bpf-assay: stands for the compiler's own header of this name. */
        #pragma once
        typedef __builtin_va_list va_list;
        #define va_start(list, last) __builtin_va_start(list, last)
        #define va_end(list) __builtin_va_end(list)
        #define va_arg(list, type) __builtin_va_arg(list, type)
        #define va_copy(to, from) __builtin_va_copy(to, from)

        """

    /// For trees without `samples/bpf/asm_goto_workaround.h`: a program cannot jump by the host's assembler.
    private static let gotoWorkaround = """
        /* bpf-assay: stands for what later trees have in samples/bpf. */
        #pragma once
        #include <linux/types.h>
        #undef asm_volatile_goto
        #define asm_volatile_goto(...) do { } while (0)
        #define volatile(...) volatile("")

        """

    private static let wrappers = [
        "asm-generated": [
            "early_ioremap", "kmap_size", "local64", "mcs_spinlock", "mmiowb", "module.lds", "rwonce", "unaligned",
        ],
        "uapi-generated": [
            "bpf_perf_event", "errno", "fcntl", "ioctl", "ioctls", "ipcbuf", "param", "poll", "resource", "socket",
            "sockios", "termbits", "termios", "types",
        ],
    ]

    /// The headers whose bytes depend on nothing.
    func fixed(in folder: FilePath, version: [UInt8], compiler: Compiler) -> [BuildPlan.Header] {
        func header(_ path: String, _ text: String) -> BuildPlan.Header {
            BuildPlan.Header(path: folder.appending(path), content: Array(text.utf8))
        }
        let wrapped = Self.wrappers.sorted { $0.key < $1.key }.flatMap { place, names in
            names.map { header("\(place)/asm/\($0).h", "#include <asm-generic/\($0).h>\n") }
        }
        let bounds = [
            ("NR_PAGEFLAGS", 25), ("MAX_NR_ZONES", 4), ("NR_CPUS_BITS", 6), ("SPINLOCK_SIZE", 4), ("LRU_GEN_WIDTH", 3),
            ("__LRU_REFS_WIDTH", 2),
        ].map { "#define \($0) \($1)\n" }.joined()
        return wrapped + [
            header("include/generated/bounds.h", bounds),
            header("include/generated/timeconst.h", Self.timeConstants(ticks: 250)),
            header("samples/syscall_nrs.h", String(decoding: PackageResources.syscall_nrs_h, as: UTF8.self)),
            BuildPlan.Header(path: folder.appending("include/linux/version.h"), content: version),
            BuildPlan.Header(path: folder.appending("include/generated/uapi/linux/version.h"), content: version),
        ]
            + (configuration == nil
                ? [
                    header(
                        "include/generated/autoconf.h",
                        // Headers before 5.18 or so compare it, where the compiler is clang.
                        Self.autoconf(Self.configuration + "CONFIG_CLANG_VERSION=\(compiler.code)\n")
                    )
                ] : [])
            + ["errno", "stdbool", "stddef", "stdint", "string"].map {
                header("libc/\($0).h", "#include <linux/\($0.hasPrefix("std") && $0 != "stddef" ? "types" : $0).h>\n")
            }
            + [header("libc/stdarg.h", Self.variableArguments)]
            + (tree.kernelPreludes.contains("samples/bpf/asm_goto_workaround.h")
                ? [] : [header("samples/asm_goto_workaround.h", Self.gotoWorkaround)])
    }

    /// The headers that are made of files.
    func generated(in folder: FilePath) -> [BuildPlan.GeneratedHeader] {
        let calls = "arch/x86/entry/syscalls"
        let tables = [
            ("uapi-generated/asm/unistd_64.h", "\(calls)/syscall_64.tbl", ["common", "64"], "__NR_", ""),
            ("asm-generated/asm/unistd_64_x32.h", "\(calls)/syscall_64.tbl", ["x32"], "__NR_x32_", "__X32_SYSCALL_BIT"),
            ("asm-generated/asm/unistd_32_ia32.h", "\(calls)/syscall_32.tbl", ["i386"], "__NR_ia32_", ""),
        ]
        return tables.map { path, file, abis, prefix, offset in
            BuildPlan.GeneratedHeader(
                path: folder.appending(path),
                origin: .systemCalls(SystemCallTable(file: file, abis: abis, prefix: prefix, offset: offset))
            )
        }
            + (configuration.map {
                [
                    BuildPlan.GeneratedHeader(
                        path: folder.appending("include/generated/autoconf.h"),
                        origin: .configuration($0)
                    )
                ]
            } ?? [])
            + (tree.hasLibrary
                ? [BuildPlan.GeneratedHeader(path: folder.appending("helpers/bpf_helper_defs.h"), origin: .helpers)]
                : [])
    }

    /// `autoconf.h` of a `.config`: a macro for each option that is set.
    static func autoconf(_ text: String) -> String {
        var lines = ["/* bpf-assay: generated from a kernel's options. */"]
        for line in text.split(separator: "\n") where line.hasPrefix("CONFIG_") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let name = line[..<equals]
            let value = line[line.index(after: equals)...]
            switch value {
            case "y": lines.append("#define \(name) 1")
            case "m": lines.append("#define \(name)_MODULE 1")
            default: lines.append("#define \(name) \(value)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The factors between ticks and seconds, which the tree's build computes with bc.
    private static func timeConstants(ticks: Int) -> String {
        var lines = ["#define HZ_TO_MSEC_NUM \(1000 / ticks)", "#define MSEC_PER_HZ \(1000 / ticks)"]
        for unit in ["MSEC", "USEC", "NSEC"] {
            for name in ["HZ_TO_\(unit)", "\(unit)_TO_HZ"] {
                lines += ["MUL32 U64_C(0x80000000)", "ADJ32 U64_C(0)", "SHR32 31", "DEN 1"].map {
                    "#define \(name)_\($0)"
                }
                if name != "HZ_TO_MSEC" { lines.append("#define \(name)_NUM 1") }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
