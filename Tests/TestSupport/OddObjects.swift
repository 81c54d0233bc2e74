import Foundation
import SystemPackage

/// Small objects that loaders often get wrong, compiled from sources of our own.
package enum OddObjects {
    /// A source that the compiler refused, and what it said.
    package struct NotCompiled: Error {
        let words: String
    }

    /// What all sources begin with.
    private static let head = """
        typedef unsigned int u32; typedef unsigned long long u64;
        #define SEC(name) __attribute__((section(name), used))
        #define __uint(name, value) int (*name)[value]
        #define __type(name, type) typeof(type) *name
        static void *(*lookup)(void *, const void *) = (void *)1;
        static long (*set_tunnel_key)(void *, void *, u32, u64) = (void *)21;
        char _license[] SEC("license") = "GPL";

        """

    private static let map = "__uint(type, 2); __uint(max_entries, 1); __type(key, u32); __type(value, u32);"

    /// A map that is to be pinned by its name.
    package static let pinned = """
        struct { \(map) __uint(pinning, 1); } bpf_assay_pin SEC(".maps");
        SEC("socket") int p(void *c) { u32 k = 0; return lookup(&bpf_assay_pin, &k) != 0; }
        """
    /// A value of the kernel's config.
    package static let setting = """
        extern int CONFIG_HZ SEC(".kconfig");
        SEC("socket") int p(void *c) { return CONFIG_HZ; }
        """
    /// No program.
    package static let mapAlone = "struct { \(map) } m SEC(\".maps\");"

    /// Those that every kernel with BTF loads whose config is known, by file names.
    package static var loading: [String: [UInt8]] {
        get throws {
            [
                "pinned.o": try compiled(pinned), "setting.o": try compiled(setting),
                "map_alone.o": try compiled(mapAlone),
            ]
        }
    }

    /// The bytes of an object.
    package static func compiled(_ source: String) throws -> [UInt8] {
        let folder = try ScratchFolder()
        let path = try folder.write("a.c", Array((head + source).utf8)).string
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["clang", "-target", "bpf", "-O2", "-g", "-c", path, "-o", "\(path).o"]
        let said = Pipe()
        process.standardError = said
        try process.run()
        let text = String(decoding: try said.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw NotCompiled(words: text) }
        return Array(try Data(contentsOf: URL(fileURLWithPath: "\(path).o")))
    }
}
