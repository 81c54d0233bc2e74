import CLibbpf
import Glibc
public import LinuxHost
import SystemPackage

/// All types of a BTF as a C header, which programs include in place of the kernel's own headers.
public enum TypeDeclarations {
    /// Declares every type of a BTF.
    ///
    /// Every struct and union is declared `preserve_access_index`: what a program reads of it is found by the loader in the
    /// BTF of the kernel at hand (CO-RE). The text is what `bpftool btf dump file PATH format c` prints, with other comments.
    /// A kernel has 100,000 lines of it; this takes a tenth of a second.
    ///
    /// - Parameter path: Raw BTF, such as `/sys/kernel/btf/vmlinux`, or an ELF file with a `.BTF` section.
    /// - Returns: The header's text.
    /// - Throws: `SystemCallError` if the file cannot be read, holds no BTF, or memory runs out.
    public static func header(ofTypesIn path: String) throws(SystemCallError) -> [UInt8] {
        _ = LibbpfLog.capture
        let types = try require(btf__parse(path, nil), "btf__parse", on: "'\(path)'")
        defer { btf__free(types) }
        var buffer: UnsafeMutablePointer<CChar>?
        var size = 0
        guard let stream = open_memstream(&buffer, &size) else {
            throw SystemCallError("open_memstream", on: "the types of '\(path)'", errno: Errno(rawValue: errno))
        }
        defer { free(buffer) }
        do throws(SystemCallError) {
            try write(types, to: stream, of: path)
        } catch {
            fclose(stream)
            throw error
        }
        guard fclose(stream) == 0, let buffer else {
            throw SystemCallError("fclose", on: "the types of '\(path)'", errno: Errno(rawValue: errno))
        }
        return buffer.withMemoryRebound(to: UInt8.self, capacity: size) {
            Array(UnsafeBufferPointer(start: $0, count: size))
        }
    }

    private static func write(
        _ types: OpaquePointer,
        to stream: UnsafeMutablePointer<FILE>,
        of path: String
    ) throws(SystemCallError) {
        let print: btf_dump_printf_fn_t = { stream, format, arguments in
            guard let stream, let format, let arguments else { return }
            vfprintf(stream.assumingMemoryBound(to: FILE.self), format, arguments)
        }
        let dump = try require(btf_dump__new(types, print, stream, nil), "btf_dump__new", on: "'\(path)'")
        defer { btf_dump__free(dump) }
        fputs(
            """
            #ifndef __VMLINUX_H__
            #define __VMLINUX_H__
            #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
            #pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
            #endif

            """,
            stream
        )
        // Type 0 is void. A type brings along what it needs, and is not declared again in its turn.
        for id in 1..<max(1, btf__type_cnt(types)) {
            try check(btf_dump__dump_type(dump, id), "btf_dump__dump_type", on: "type \(id) of '\(path)'")
        }
        fputs(
            """
            #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
            #pragma clang attribute pop
            #endif
            #endif

            """,
            stream
        )
    }
}
