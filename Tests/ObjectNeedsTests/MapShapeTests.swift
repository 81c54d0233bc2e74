import FeatureRules
import FileBytes
import RunModel
import Testing

@testable import ObjectNeeds

/// What stands against maps and programs as an object defines them, whatever kernel it is for.
struct MapShapeTests {
    private static func objections(_ definition: String) async throws -> [String] {
        let needs = try await Compiled.needs(definition + "\nLICENSE(\"GPL\");")
        return needs.needs.filter { $0.feature.hasPrefix("map ") && !$0.feature.hasPrefix("map type") }.compactMap {
            if case .impossible(let reason) = $0.demand { "\($0.feature): \(reason)" } else { nil }
        }
    }

    private static func map(_ parts: String) -> String { "struct { \(parts) } m SEC(\".maps\");" }

    @Test(arguments: [
        ("int (*type)[2]; int (*max_entries)[4]; u64 *key; u32 *value;", "key_size 4 for a map of type ARRAY; it is 8"),
        (
            "int (*type)[27]; int (*max_entries)[4096]; u64 *value;",
            "value_size 0 for a map of type RINGBUF; it is 8"
        ),
        ("int (*type)[4];", "key_size 4 for a map of type PERF_EVENT_ARRAY; it is 0"),
        (
            "int (*type)[1]; int (*max_entries)[4]; u32 *key; struct later *value;",
            "a value whose size is known; 'struct later' is only declared or has none"
        ),
        (
            "int (*type)[11]; int (*max_entries)[4]; u64 *key; u64 *value;",
            "map_flags with BPF_F_NO_PREALLOC for a map of type LPM_TRIE"
        ),
        (
            "int (*type)[1]; int (*max_entries)[4]; u64 *key; u64 *value; int (*map_flags)[1024];",
            "map_flags without BPF_F_MMAPABLE for a map of type HASH"
        ),
        (
            "int (*type)[24]; int (*map_flags)[1]; u64 *key; u64 *value;",
            "key_size 4 for a map of type SK_STORAGE; it is 8"
        ),
        (
            "int (*type)[1]; int (*max_entries)[4]; u32 *key; u32 *value; int (*colour)[1];",
            "a definition without the field 'colour', which libbpf does not know"
        ),
    ])
    func `what no kernel takes is told with the map's attribute`(parts: String, reason: String) async throws {
        let found = try await Self.objections(Self.map(parts))
        #expect(found.first == "map m: \(reason)", "\(found)")
    }

    @Test func `what kernels take is not objected to`() async throws {
        for parts in [
            "int (*type)[2]; int (*max_entries)[4]; u32 *key; u64 *value; int (*map_flags)[1024];",
            "int (*type)[27]; int (*max_entries)[100];", "int (*type)[4]; int (*key_size)[4]; int (*value_size)[4];",
            "int (*type)[11]; int (*max_entries)[4]; u64 *key; u64 *value; int (*map_flags)[1];",
            "int (*type)[24]; int (*map_flags)[1]; int *key; u64 *value;",
            "int (*type)[1];  int (*key_size)[4]; u64 *value;",
            // A type that came after this program.
            "int (*type)[99]; int (*key_size)[77];",
        ] {
            #expect(try await Self.objections(Self.map(parts)) == [], "\(parts)")
        }
    }

    @Test func `flags say since which kernel they are there`() async throws {
        let flagged = Self.map("int (*type)[2]; int (*max_entries)[4]; u32 *key; u64 *value; int (*map_flags)[1024];")
        let needs = try await Compiled.needs(flagged + "LICENSE(\"GPL\");")
        #expect(needs.of("map flag BPF_F_MMAPABLE") == ["kernel>=5.5"])
    }

    @Test func `a static program is refused, also where nobody asks for it`() async throws {
        for section in ["xdp", "?xdp"] {
            let source = "SEC(\"\(section)\") static int p(void *c) { return 2; } LICENSE(\"GPL\");"
            let needs = try await Compiled.needs(source).needs.filter { $0.feature == "program p" }
            #expect(needs.count == 1 && needs.allSatisfy { !$0.isOptional && $0.description.contains("not static") })
        }
    }

    @Test func `an object of maps or operations alone needs no program`() async throws {
        let maps = try await Compiled.needs("MAP(m, 2, u32, u64, 1); LICENSE(\"GPL\");")
        #expect(maps.programs.isEmpty && maps.of("bpf(2)") == ["CONFIG_BPF_SYSCALL"])
        #expect(maps.of("map type ARRAY") == ["kernel>=3.19"])
        let operations = try await Compiled.needs(
            "struct tcp_congestion_ops { char name[16]; }; SEC(\".struct_ops\") struct tcp_congestion_ops o = { \"x\" };"
        )
        #expect(operations.programs.isEmpty && !operations.of("struct_ops/tcp_congestion_ops").isEmpty)
    }

    @Test func `an object of an old compiler is told to be compiled anew`() async throws {
        let bytes = try await Compiled.bytes("SEC(\"xdp\") int a(void *c) { return 2; } LICENSE(\"GPL\");")
        let file = try ELFFile(bytes)
        let index = try #require(file.symbols.firstIndex { $0.name == "a" })
        let table = try #require(file.sections.first { $0.type == 2 }?.data)
        var changed = bytes
        // st_info: a global symbol without a type, as clang 7 writes it.
        changed[table.range.lowerBound + index * 24 + 4] = 1 << 4
        #expect(throws: ObjectReadError.untypedFunctions(["a"])) { try ObjectNeeds(of: changed) }
        #expect("\(ObjectReadError.untypedFunctions(["a"]))".contains("recompile it"))
    }

    @Test func `what libbpf makes of the header is made of it here`() async throws {
        var bytes = try await Compiled.bytes("SEC(\"xdp\") int a(void *c) { return 2; } LICENSE(\"GPL\");")
        // EM_NONE, as old compilers wrote it.
        bytes[18] = 0
        #expect(try ObjectNeeds(of: bytes).programs.count == 1)
        bytes[16] = 3
        #expect(throws: ObjectReadError.notRelocatable(type: 3)) { try ObjectNeeds(of: bytes) }
    }

    @Test func `a kind of types that came after this program is told by its number`() {
        func words(_ numbers: [UInt32]) -> [UInt8] {
            numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
        }
        let header: [UInt8] = [0x9f, 0xeb, 1, 0] + words([24, 0, 12, 12, 1])
        #expect(throws: ObjectReadError.newerTypes(kind: 20)) { try TypeTable(header + words([0, 20 << 24, 0]) + [0]) }
        // The first kind there is, and a type that is cut off.
        #expect(throws: ObjectReadError.damaged("type 1 of .BTF")) {
            try TypeTable(header + words([0, 0, 0]) + [0])
        }
        #expect(throws: ObjectReadError.damaged("type 1 of .BTF")) {
            try TypeTable(header + words([0, 1 << 24, 4]) + [0])
        }
    }
}
