import Foundation
import RunModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension HostTests {
    /// What `run` compiles is what `build` compiles, linked objects too.
    struct RunBuildTests {
        /// The kern half of a sample in two files, of which each is useless without the other.
        private static let common = """
            typedef unsigned int u32;
            typedef unsigned long long u64;
            #define SEC(name) __attribute__((section(name), used))
            int note(u32 protocol, u32 length);

            """
        private static let counter = """
            static long (*load_bytes)(const void *, u32, void *, u32) = (void *)26;
            struct __sk_buff { u32 len, pkt_type; };
            SEC("socket1") int bpf_prog1(struct __sk_buff *skb)
            {
                unsigned char protocol = 0;
                if (skb->pkt_type != 4 || load_bytes(skb, 23, &protocol, 1))
                    return 0;
                return note(protocol, skb->len);
            }
            char _license[] SEC("license") = "GPL";

            """
        private static let table = """
            static void *(*lookup)(void *, const void *) = (void *)1;
            struct { int (*type)[2]; u32 *key; long *value; int (*max_entries)[256]; } my_map SEC(".maps");
            __attribute__((noinline)) int note(u32 protocol, u32 length)
            {
                long *sum = lookup(&my_map, &protocol);
                if (sum)
                    __sync_fetch_and_add(sum, (long)length);
                return 0;
            }
            char _license[] SEC("license") = "GPL";

            """

        /// A kernel tree of a few files, whose Makefile links the two.
        private static func tree() throws -> ScratchFolder {
            let folder = try ScratchFolder()
            try folder.write("tree/Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\n")
            for part in ["linux", "asm-generic"] { try folder.write("tree/include/uapi/\(part)/none.h", "") }
            try folder.write("tree/samples/bpf/Makefile", "sockex1.skel.h-deps := sockex1_kern.o table_kern.o\n")
            try folder.write("tree/samples/bpf/sockex1_kern.c", common + counter)
            try folder.write("tree/samples/bpf/table_kern.c", common + table)
            return folder
        }

        private static func command(_ arguments: [String]) async throws -> (code: Int32, output: String, errors: String)
        {
            let result = try await Subprocess.run(
                .path(FilePath(TestBench.command)),
                arguments: Arguments(arguments),
                input: .none,
                output: .string(limit: 4 << 20),
                error: .string(limit: 4 << 20)
            )
            let code: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
            return (code, result.standardOutput, result.standardError)
        }

        @Test func `a sample whose kern half is linked of two objects runs, as it was built`() async throws {
            let folder = try Self.tree()
            let root = folder.path.string
            let words = ["--tree", "\(root)/tree", "--sample", "sockex1"]
            let run = try await Self.command(["run"] + words + ["--results", "\(root)/results", "--format", "json"])
            #expect(run.code == 0, "\(run.errors)\(run.output.prefix(4000))")
            let record = try JSONDecoder().decode(RunRecord.self, from: Data(run.output.utf8))
            let names = record.builds.map { FilePath($0.object).lastComponent?.string ?? "" }
            #expect(names.sorted() == ["sockex1.lbpf.o", "sockex1_kern.o", "table_kern.o"])
            #expect(record.results.map(\.verdict) == [.pass] && record.results.map(\.control) == [.refused])
            // 'build' makes the same bytes.
            let build = try await Self.command(["build"] + words + ["--out", "\(root)/objects"])
            #expect(build.code == 0, "\(build.errors)")
            for name in ["sockex1.lbpf.o", "sockex1_kern.o"] {
                let one = try Data(contentsOf: URL(fileURLWithPath: "\(root)/objects/\(name)"))
                let other = try #require(record.builds.first { $0.object.hasSuffix(name) })
                #expect(try one == Data(contentsOf: URL(fileURLWithPath: other.object)), "\(name)")
            }
            // What somebody built into a folder is found there, and a part is not taken for the whole.
            let again = try await Self.command([
                "run", "--objects", "\(root)/objects", "--sample", "sockex1", "--results", "\(root)/results",
            ])
            #expect(again.code == 0, "\(again.errors)\(again.output)")
            withExtendedLifetime(folder) {}
        }

        @Test func `the commands of a run are those of a build`() async throws {
            let folder = try Self.tree()
            let root = folder.path.string
            let words = ["--tree", "\(root)/tree", "--sample", "sockex1", "--dry-run"]
            let run = try await Self.command(["run"] + words + ["--results", "\(root)/results"])
            let build = try await Self.command(["build"] + words + ["--out", "\(root)/results/objects"])
            #expect(run.code == 0 && build.code == 0, "\(run.errors)\(build.errors)")
            #expect(run.output == "run  networking/sockex1\n\(build.output)")
            #expect(build.output.contains("sockex1.lbpf.o"))
            withExtendedLifetime(folder) {}
        }

        @Test func `a part that cannot be compiled is said to be why the sample has no object`() async throws {
            let folder = try Self.tree()
            let root = folder.path.string
            try folder.write("tree/samples/bpf/table_kern.c", "int oops(\n")
            let run = try await Self.command([
                "run", "--tree", "\(root)/tree", "--sample", "sockex1", "--results", "\(root)/results", "--format",
                "json",
            ])
            #expect(run.code == 1, "\(run.errors)")
            let record = try JSONDecoder().decode(RunRecord.self, from: Data(run.output.utf8))
            #expect(record.results.map(\.reason) == [.buildFailed])
            #expect(record.results[0].message.contains("table_kern.o"), "\(record.results[0].message)")
            withExtendedLifetime(folder) {}
        }

        @Test func `samples of a later tree are judged by its own sources, and what its release lacks is skipped`()
            async throws
        {
            let folder = try ScratchFolder()
            let samples = ["sockex3", "test_cgrp2_sock2", "tcp_clamp", "syscall_tp", "xdp1", "xdp_rxq_info"]
            let run = try await Self.command(
                ["run", "--tree", try DebianTree.path("6.12"), "--results", folder.path.string, "--format", "json"]
                    + samples.flatMap { ["--sample", $0] }
            )
            #expect(run.code == 0, "\(run.errors)")
            let record = try JSONDecoder().decode(RunRecord.self, from: Data(run.output.utf8))
            for result in record.results {
                let isLacking = result.sample.hasPrefix("xdp/")
                #expect(result.verdict == (isLacking ? .skip : .pass), "\(result.sample): \(result.message)")
                #expect(result.need == (isLacking ? .source("\(result.name)_kern.c") : nil))
                #expect(result.control == (isLacking ? .notRun : .refused))
            }
            #expect(record.results.count == samples.count)
            // The later source counts one call more.
            let opens = record.results.first { $0.sample == "tracing/syscall_tp" }?.observation?["rounds"]
            #expect(opens?["open"] != nil && opens?["openat2"] != nil)
            let lacking = try await Self.command([
                "run", "--tree", try DebianTree.path("6.12"), "--results", folder.path.string, "--sample", "xdp1",
            ])
            #expect(lacking.code == 4 && lacking.output.contains("1 skipped: no usable xdp1_kern.c"))
            // The progress, with the releases that had it; a dry run says no less.
            #expect(lacking.errors.contains("has no such sample: it stood as xdp1_kern.c in 4.19"), "\(lacking.errors)")
            let planned = try await Self.command([
                "run", "--tree", try DebianTree.path("6.12"), "--dry-run", "--sample", "xdp1",
            ])
            #expect(planned.output.hasPrefix("skip xdp/xdp1  # feature_missing source:xdp1_kern.c: Linux 6.12"))
            withExtendedLifetime(folder) {}
        }
    }
}
