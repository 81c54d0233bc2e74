import Foundation
import KernBuild
import RunModel
import Subprocess
import SystemPackage
import Testing

extension HostTests {
    /// A kern half whose idea of a tracepoint's record is not this kernel's.
    struct DriftTests {
        /// Ours, in the shape of cpustat: the same programs, sections and maps, and a record with a wider first field.
        private static let source = """
            typedef unsigned int u32;
            typedef unsigned long long u64;
            #define SEC(name) __attribute__((section(name), used))
            #define ARRAY(name, size) \\
                struct { int (*type)[2]; u32 *key; u64 *value; int (*max_entries)[size]; } name SEC(".maps")
            ARRAY(my_map, 32);
            ARRAY(cstate_duration, 24);
            ARRAY(pstate_duration, 40);
            struct drifted { u64 pad; u64 state; u32 cpu_id; };
            SEC("tracepoint/power/cpu_idle") int bpf_prog1(struct drifted *ctx) { return ctx->cpu_id + ctx->state; }
            SEC("tracepoint/power/cpu_frequency") int bpf_prog2(struct drifted *ctx) { return ctx->cpu_id; }
            char _license[] SEC("license") = "GPL";
            """

        @Test func `a drifted layout fails with both layouts, before anything is counted`() async throws {
            let folder = "\(FileManager.default.temporaryDirectory.path)/bpf-assay-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try Data(Self.source.utf8).write(to: URL(fileURLWithPath: "\(folder)/drifted.c"))
            let compiler = try await Compiler.find()
            let built = try await Subprocess.run(
                .path(FilePath(compiler.path)),
                arguments: ["-target", "bpf", "-O2", "-g", "-c", "\(folder)/drifted.c", "-o", "\(folder)/drifted.o"],
                input: .none,
                output: .discarded,
                error: .string(limit: 1 << 16)
            )
            #expect(built.terminationStatus == .exited(0), "\(built.standardError)")
            let object = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/drifted.o")))
            let result = try await TestBench.run("tracing/cpustat", object)
            #expect(result.verdict == .fail && result.reason == .oracle)
            #expect(result.message.contains("power/cpu_idle"), "\(result.message)")
            #expect(result.details.contains("  state at 8, 8 bytes"), "\(result.details)")
            #expect(result.details.contains { $0.contains("u32 state at 8, 4 bytes") }, "\(result.details)")
            #expect(result.observation == nil && result.checks.isEmpty)
        }
    }
}
