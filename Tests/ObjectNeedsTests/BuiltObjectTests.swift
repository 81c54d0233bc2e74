import ObjectNeeds
import RunModel
import Testing

/// The check after a build.
struct BuiltObjectTests {
    @Test func `programs, maps, sizes and types are counted`() async throws {
        let bytes = try await Compiled.bytes(
            """
            MAP(counts, 2, u32, u64, 4);
            static __attribute__((noinline)) int deep(u32 *c) { return lookup(&counts, c) != 0; }
            SEC("xdp") int a(void *c) { u32 k = 0; return deep(&k); }
            SEC("socket") int b(void *c) { return 0; }
            LICENSE("GPL");
            """
        )
        let built = try BuiltObject(of: bytes)
        #expect(Set(built.programs.map(\.name)) == ["a", "b"])
        #expect(built.programs.first { $0.name == "b" }?.instructions == 2)
        #expect(built.programs.first { $0.name == "a" }?.type == "XDP")
        #expect(built.maps.map(\.name) == ["counts"] && !built.hasLegacyMaps)
        #expect(built.instructions > built.programs.reduce(0) { $0 + $1.instructions })
        #expect((built.types ?? 0) > 5 && built.needs.license == "GPL")
    }

    @Test(arguments: [
        ("0x050436", KernelVersion(5, 4, 54)), ("0x0604ff", KernelVersion(6, 4, 255)), ("0", nil), ("1", nil),
        ("-2", nil),
    ])
    func `an object says of which kernel it was built`(code: String, version: KernelVersion?) async throws {
        let source = """
            SEC("kprobe/x") int a(void *c) { return 0; }
            LICENSE("GPL");
            """
        let bytes = try await Compiled.bytes("u32 _version SEC(\"version\") = \(code);\n\(source)")
        #expect(KernelVersion(ofObject: bytes) == version)
        #expect(KernelVersion(ofObject: try await Compiled.bytes(source)) == nil)
        #expect(
            KernelVersion(ofObject: try await Compiled.bytes("u64 _version SEC(\"version\") = 1;\n\(source)")) == nil
        )
        #expect(KernelVersion(ofObject: Array(bytes.dropLast())) == nil)
        let maps = "SEC(\"maps\") u32 one[4] = { 1, 4, 4, 1 }; SEC(\"maps\") u32 two[4] = { 1, 4, 4, 1 };\n"
        #expect(KernelVersion(before: try await Compiled.bytes(maps + source)) == KernelVersion(4, 6))
        #expect(KernelVersion(before: bytes) == nil)
    }

    @Test func `legacy maps are listed, and said to be legacy`() async throws {
        let bytes = try await Compiled.bytes(
            """
            struct bpf_map_def { u32 type, key, value, entries, flags; };
            struct bpf_map_def counts SEC("maps") = { 2, 4, 8, 5, 0 };
            SEC("xdp") int a(void *c) { u32 k = 0; return lookup(&counts, &k) != 0; }
            LICENSE("GPL");
            """
        )
        let built = try BuiltObject(of: bytes)
        #expect(built.hasLegacyMaps)
        #expect(
            built.maps.map(\.name) == ["counts"] && built.maps.map(\.type) == [2] && built.maps.map(\.capacity) == [5]
        )
    }

    @Test func `calls that the compiler left of its own accord are named, and no others`() async throws {
        let bytes = try await Compiled.bytes(
            """
            extern int memcmp(const void *a, const void *b, unsigned long count);
            extern u64 elsewhere;
            SEC("xdp") int a(u64 *c) { return memcmp(c + 1, c + 2, c[0]) + elsewhere; }
            SEC("xdp") int b(void *c) { u64 small[2] = {}; return __builtin_memcmp(small, &small[1], 8); }
            LICENSE("GPL");
            """
        )
        #expect(try BuiltObject(of: bytes).libraryCalls == ["memcmp"])
        let plain = try await Compiled.bytes("SEC(\"xdp\") int a(void *c) { return 0; }")
        #expect(try BuiltObject(of: plain).libraryCalls.isEmpty)
    }

    @Test func `programs of an object for tc have the type that tc gives them`() async throws {
        let bytes = try await Compiled.bytes(
            """
            struct bpf_elf_map { u32 type, size_key, size_value, max_elem, flags, id, pinning, inner_id, inner_idx; };
            struct bpf_elf_map counts SEC("maps") = { .type = 2, .size_key = 4, .size_value = 8, .max_elem = 5 };
            SEC("my_own_name") int a(void *c) { u32 k = 0; return lookup(&counts, &k) != 0; }
            LICENSE("GPL");
            """
        )
        let built = try BuiltObject(of: bytes)
        #expect(built.hasLegacyMaps && built.programs.map(\.type) == ["SCHED_CLS"])
        #expect(built.needs.programTypes == ["SCHED_CLS"])
        #expect(built.needs.of("program type SCHED_CLS").count > 0 && built.needs.of("section my_own_name") == [])
    }

    @Test func `an object without a program is not built`() async throws {
        let bytes = try await Compiled.bytes("int f(int x) { return x; }")
        #expect(throws: ObjectReadError.noProgram) { try BuiltObject(of: bytes) }
        #expect(throws: ObjectReadError.notELF) { try BuiltObject(of: []) }
    }
}
