import Foundation
import KernBuild
import SystemPackage

/// A kernel tree of a few files in a temporary folder, which goes with this value.
struct MiniTree: ~Copyable {
    /// The folder that everything is in: the tree, and room for output.
    let root: URL
    /// The tree's folder.
    var folder: URL { root.appending(path: "tree") }
    /// A folder for output that does not exist yet.
    var output: String { root.appending(path: "out").path }

    static let makefile =
        "# SPDX-License-Identifier: GPL-2.0\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 192\nEXTRAVERSION =\n"

    static let good = """
        #include <linux/version.h>
        #include <uapi/linux/mini.h>
        __attribute__((section("socket"), used)) int prog(void *ctx)
        {
            return mini_answer(ctx) + LINUX_VERSION_CODE + max(1, 2);
        }
        """

    /// Makes the tree.
    ///
    /// - Parameters:
    ///   - name: The name of the folder around it.
    ///   - sources: File names in samples/bpf and their text.
    /// - Throws: What Foundation says where the temporary folder cannot be written.
    init(_ name: String = "mini", sources: [String: String] = ["good.c": Self.good]) throws {
        root = FileManager.default.temporaryDirectory.appending(path: "\(name)-\(UUID().uuidString)")
        try write("Makefile", Self.makefile)
        try write(
            "include/uapi/linux/mini.h",
            "static inline int mini_answer(void *ctx)\n{\n    return *(int *)ctx + 41;\n}\n"
        )
        try FileManager.default.createDirectory(
            at: folder.appending(path: "include/uapi/asm-generic"),
            withIntermediateDirectories: true
        )
        for (file, text) in sources { try write("samples/bpf/\(file)", text) }
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    /// Writes a file of the tree, with the folders above it.
    func write(_ path: String, _ text: String) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Writes as much of the UAPI headers as our stand-ins for a kernel's internal ones include.
    func writeKernelTypes() throws {
        let headers = ["asm/errno.h", "linux/ptrace.h", "asm/socket.h", "asm/byteorder.h"]
        for header in headers { try write("include/uapi/\(header)", "") }
        try write(
            "include/uapi/linux/types.h",
            "typedef unsigned char __u8;\ntypedef unsigned short __u16;\n"
                + "typedef unsigned int __u32;\ntypedef unsigned long long __u64;\ntypedef signed char __s8;\n"
                + "typedef short __s16;\ntypedef int __s32;\ntypedef long long __s64;\n"
        )
        try write(
            "include/uapi/linux/bpf.h",
            "/*\n" + HelperDefinitionsTests.old + "\nBPF_FUNC_X };\nenum bpf_map_type { BPF_MAP_TYPE_UNSPEC };\n"
        )
        for part in [
            "arch/x86/include/uapi/asm/x.h", "arch/arm64/include/uapi/asm/x.h", "tools/lib/bpf/bpf_helpers.h",
            "tools/testing/selftests/bpf/x.h",
        ] { try write(part, "") }
    }

    /// The tree, checked.
    func tree() throws -> KernelTree { try KernelTree(at: folder.path) }

    /// A plan for some files in samples/bpf.
    func plan(_ files: String..., clang: Compiler) throws -> BuildPlan {
        try BuildPlan(
            sources: files.map { KernSource(sample: "mini/\($0)", path: "samples/bpf/\($0)") },
            tree: try tree(),
            output: output,
            compiler: clang
        )
    }

    /// Each path in the tree with the time of its last change and its size.
    func listing() throws -> [String: String] {
        var found: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            let facts = try FileManager.default.attributesOfItem(atPath: folder.appending(path: path).path)
            found[path] = "\(facts[.modificationDate] ?? "") \(facts[.size] ?? "")"
        }
        return found
    }

    /// Writes an executable shell script beside the tree, to stand for a compiler.
    func compiler(script: String) throws -> Compiler {
        let file = root.appending(path: "clang")
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        return Compiler(path: file.path, version: "clang version 0")
    }
}
