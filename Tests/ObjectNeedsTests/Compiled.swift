import Foundation
import KernBuild
import ObjectNeeds
import Subprocess
import SystemPackage
import Testing

/// Objects compiled from small sources of our own.
enum Compiled {
    static let head = """
        typedef unsigned int u32;
        typedef unsigned long long u64;
        #define SEC(name) __attribute__((section(name), used))
        #define LICENSE(text) char _license[] SEC("license") = text
        #define MAP(name, kind, k, v, size) \\
            struct { int (*type)[kind]; k *key; v *value; int (*max_entries)[size]; } name SEC(".maps")
        static long (*lookup)(void *, const void *) = (void *)1;
        static u64 (*now)(void) = (void *)5;
        static long (*print)(const char *, u32, ...) = (void *)6;
        static long (*tail_call)(void *, void *, u32) = (void *)12;

        """

    private static let compiler = Task { try await Compiler.find() }

    static func bytes(_ source: String, arguments: [String] = []) async throws -> [UInt8] {
        let folder = "\(FileManager.default.temporaryDirectory.path)/bpf-assay-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data((head + source).utf8).write(to: URL(fileURLWithPath: "\(folder)/a.c"))
        let compiler = try await Self.compiler.value
        let built = try await Subprocess.run(
            .path(FilePath(compiler.path)),
            arguments: Arguments(
                ["-target", "bpf", "-O2", "-g"] + arguments + ["-c", "\(folder)/a.c", "-o", "\(folder)/a.o"]
            ),
            input: .none,
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        try #require(built.terminationStatus == .exited(0), "\(built.standardError)")
        return Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/a.o")))
    }

    static func needs(_ source: String, arguments: [String] = []) async throws -> ObjectNeeds {
        try ObjectNeeds(of: try await bytes(source, arguments: arguments))
    }
}

extension ObjectNeeds {
    /// The needs of one feature, in words.
    func of(_ feature: String) -> [String] { needs.filter { $0.feature == feature }.map(\.description) }
}
