import Foundation
import KernBuild
import LibBPF
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension HostTests {
    /// Objects whose maps are defined in the form that libbpf 1.0 dropped.
    struct LegacyObjectTests {
        private static let head = """
            #define SEC(name) __attribute__((section(name), used))
            typedef unsigned int u32;
            typedef unsigned long long u64;
            static void *(*lookup)(void *, const void *) = (void *)1;
            char _license[] SEC("license") = "GPL";

            """
        private static let program = """
            SEC("socket1") int count(void *c) {
                u32 key = 1;
                u64 *value = lookup(&counts, &key);
                if (value) __sync_fetch_and_add(value, 1);
                return 0;
            }
            """
        private static let plain = """
            struct bpf_map_def { u32 type, key_size, value_size, max_entries, map_flags; };
            struct bpf_map_def SEC("maps") other = { 1, 8, 16, 100, 1 };
            struct bpf_map_def SEC("maps") counts = { 2, 4, 8, 7, 0 };

            """
        /// As in Linux before 4.6.
        private static let first = """
            struct bpf_map_def { u32 type, key_size, value_size, max_entries; };
            struct bpf_map_def SEC("maps") other = { 1, 8, 16, 100 };
            struct bpf_map_def SEC("maps") counts = { 2, 4, 8, 7 };

            """
        private static let samples = """
            struct bpf_map_def { u32 type, key_size, value_size, max_entries, map_flags, inner_map_idx, numa_node; };
            struct bpf_map_def SEC("maps") other = { 1, 8, 16, 100, 1 };
            struct bpf_map_def SEC("maps") counts = { 2, 4, 8, 7, 0 };

            """
        private static let iproute2 = """
            struct bpf_elf_map { u32 type, size_key, size_value, max_elem, flags, id, pinning, inner_id, inner_idx; };
            struct bpf_elf_map SEC("maps") other = { 1, 8, 16, 100, 1, 1, 2 };
            struct bpf_elf_map SEC("maps") counts = { 2, 4, 8, 7, 0, 2, 2 };

            """

        private static let compiler = Task { try await Compiler.find() }

        private static func compile(_ source: String, arguments: [String] = ["-g"]) async throws -> [UInt8] {
            let folder = try ScratchFolder()
            let file = try folder.write("a.c", head + source)
            let object = folder.path.appending("a.o").string
            let built = try await Subprocess.run(
                .path(FilePath(try await Self.compiler.value.path)),
                arguments: Arguments(["-target", "bpf", "-O2"] + arguments + ["-c", file.string, "-o", object]),
                input: .none,
                output: .discarded,
                error: .string(limit: 1 << 16)
            )
            try #require(built.terminationStatus == .exited(0), "\(built.standardError)")
            return Array(try Data(contentsOf: URL(fileURLWithPath: object)))
        }

        @Test(arguments: [first, plain, samples, iproute2], [["-g"], []])
        func `legacy maps are created with their numbers and used by the programs`(
            definitions: String,
            arguments: [String]
        ) async throws {
            let bytes = try await Self.compile(definitions + Self.program, arguments: arguments)
            let opened = try OpenedObject(bytes, name: "a.o")
            let loaded = try opened.load()
            #expect(try loaded.map("counts").capacity == 7)
            #expect(try loaded.map("other").capacity == 100)
            // A value of another size than the map's is an error of the map's owner.
            let before = try loaded.map("counts").lookup(UInt32(1), as: UInt64.self)
            #expect(before == 0)
            // That iproute2's maps are not pinned: nothing of theirs is left behind.
            #expect(!FileManager.default.fileExists(atPath: "/sys/fs/bpf/counts"))
            #expect(!FileManager.default.fileExists(atPath: "/sys/fs/bpf/tc/globals/counts"))
        }

        @Test(arguments: [
            (
                "struct bpf_map_def SEC(\"maps\") counts = { 12, 4, 4, 7, 0 };",
                "map 'counts' in SEC(\"maps\") holds maps"
            ),
            (
                "struct { u32 all[7]; } counts SEC(\"maps\") = { { 12, 4, 4, 7, 0, 3, 0 } };",
                "map 'counts' in SEC(\"maps\") holds maps like map number 3"
            ),
            (
                "struct { u32 all[7]; } counts SEC(\"maps\") = { { 13, 4, 4, 7, 0, 0, 0 } };",
                "map 'counts' in SEC(\"maps\") holds maps like map number 0"
            ),
            (
                "static struct bpf_map_def SEC(\"maps\") counts = { 2, 4, 8, 7, 0 };",
                "map 'counts' in SEC(\"maps\") is static"
            ),
            ("char SEC(\"maps\") counts[12];", "a definition in SEC(\"maps\") has 12 bytes"),
        ])
        func `what has no new form is refused by name`(definition: String, reason: String) async throws {
            let head = "struct bpf_map_def { u32 type, key_size, value_size, max_entries, map_flags; };\n"
            let bytes = try await Self.compile(head + definition + Self.program)
            do {
                _ = try OpenedObject(bytes, name: "a.o")
                Issue.record("it was opened")
            } catch {
                #expect("\(error)".contains(reason), "\(error)")
            }
        }

        @Test func `maps that hold maps are made to hold what stands at their number`() async throws {
            let definitions = """
                struct bpf_map_def { u32 type, key_size, value_size, max_entries, map_flags, inner_map_idx, numa_node; };
                struct bpf_map_def SEC("maps") other = { 1, 8, 16, 100, 0 };
                struct bpf_map_def SEC("maps") counts = { 2, 4, 8, 7, 0 };
                struct bpf_map_def SEC("maps") array = { 12, 4, 4, 5, 0, 1 };
                struct bpf_map_def SEC("maps") hash = { 13, 8, 4, 6, 0, 0 };

                """
            // The verifier knows the inner maps' values by their sizes: 16 bytes of the one, 8 of the other.
            func program(_ word: Int) -> String {
                """
                SEC("socket1") int count(void *c) {
                    u32 key = 1;
                    u64 large = 3;
                    void *inner = lookup(&hash, &large);
                    u64 *value = inner ? lookup(inner, &large) : 0;
                    u64 sum = value ? value[1] : 0;
                    inner = lookup(&array, &key);
                    value = inner ? lookup(inner, &key) : 0;
                    return value ? sum + value[\(word)] : 0;
                }
                """
            }
            let loaded = try OpenedObject(try await Self.compile(definitions + program(0)), name: "a.o").load()
            #expect(try loaded.map("array").capacity == 5)
            #expect(try loaded.map("hash").capacity == 6)
            let overrun = try await Self.compile(definitions + program(1))
            #expect(throws: ObjectError.self) { _ = try OpenedObject(overrun, name: "a.o").load() }
        }

        @Test func `plain numbers in definitions of today become what libbpf reads`() async throws {
            let definitions = """
                struct { u32 type, map_flags, max_entries; int *key; u64 *value; } counts SEC(".maps") = { 1, 1, 9 };
                struct { int (*type)[2]; int (*max_entries)[7]; u32 *key; u64 *value; } other SEC(".maps");
                struct { u32 type; int (*max_entries)[5]; u32 *key; u64 *value; } third SEC(".maps") = { 2 };

                """
            let program = Self.program.replacing("if (value)", with: "value = lookup(&other, &key);\n    if (value)")
            let loaded = try OpenedObject(try await Self.compile(definitions + program), name: "a.o").load()
            #expect(try loaded.map("counts").capacity == 9)
            #expect(try loaded.map("other").capacity == 7)
            #expect(try loaded.map("third").capacity == 5)
            // A hash map has no such key, an array map has.
            #expect(try loaded.map("counts").lookup(UInt32(1), as: UInt64.self) == nil)
            #expect(try loaded.map("third").lookup(UInt32(1), as: UInt64.self) == 0)
        }

        @Test func `programs beside iproute2's maps are of the type that tc loads`() async throws {
            let short = """
                struct bpf_elf_map { u32 type, size_key, size_value, max_elem, flags, id, pinning; };
                struct bpf_elf_map SEC("maps") counts = { 2, 4, 8, 7, 0, 2, 2 };

                """
            for definitions in [Self.iproute2, short] {
                let program = Self.program.replacing("socket1", with: "l2_to_ip_ingress")
                let opened = try OpenedObject(try await Self.compile(definitions + program), name: "a.o")
                let loaded = try opened.load()
                #expect(try loaded.map("counts").capacity == 7)
            }
        }

        @Test func `changed bytes are refused or opened, and never a crash`() async throws {
            let bytes = try await Self.compile(Self.plain + Self.program)
            var generator = SeededGenerator(seed: 11)
            for _ in 0..<500 {
                var changed = bytes
                for _ in 0..<4 {
                    let place = Int.random(in: 32..<changed.count, using: &generator)
                    changed[place] = UInt8.random(in: 0...255, using: &generator)
                }
                _ = try? LegacyObject.converted(changed)
                _ = try? LegacyObject.converted(
                    Array(changed.prefix(Int.random(in: 0..<changed.count, using: &generator)))
                )
            }
        }
    }
}
