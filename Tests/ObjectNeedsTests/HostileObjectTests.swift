import ObjectNeeds
import Testing

/// Objects that nobody compiled.
struct HostileObjectTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            // SplitMix64: a seed in a failure's message gives the same bytes again.
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
    }

    private static let source = """
        struct task { int pid; } __attribute__((preserve_access_index));
        MAP(counts, 2, u32, u64, 4);
        static __attribute__((noinline)) int deep(u64 *c) { u32 k = c[0]; return lookup(&counts, &k) != 0; }
        SEC("kprobe/x") int a(struct task *t) { return deep((u64 *)t) + t->pid; }
        LICENSE("GPL");
        """

    @Test func `a truncated object is refused or read, and never a crash`() async throws {
        let bytes = try await Compiled.bytes(Self.source)
        for length in 0..<bytes.count {
            // What is cut off at the end is the table of sections, without which nothing can be read.
            #expect(throws: ObjectReadError.self, "\(length) bytes") { try ObjectNeeds(of: Array(bytes[..<length])) }
        }
        #expect(throws: Never.self) { try ObjectNeeds(of: bytes) }
    }

    @Test func `changed and random bytes never crash`() async throws {
        let bytes = try await Compiled.bytes(Self.source)
        for seed in UInt64(0)..<3000 {
            var generator = Generator(state: seed)
            var changed = bytes
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                let place = Int.random(in: 16..<changed.count, using: &generator)
                changed[place] = UInt8.random(in: .min ... .max, using: &generator)
            }
            if let needs = try? ObjectNeeds(of: changed) { #expect(!needs.list().isEmpty, "seed \(seed)") }
            let noise = (0..<512).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            #expect(throws: ObjectReadError.self) { try ObjectNeeds(of: noise) }
            #expect(throws: ObjectReadError.self, "seed \(seed)") { try ObjectNeeds(of: Array(bytes[..<64]) + noise) }
        }
    }

    @Test func `maps in the old form are read as the loader converts them, and refused by name where it cannot`()
        async throws
    {
        let source = """
            struct old { u32 type, key, value, entries, flags; };
            STATIC struct old counts SEC("maps") = { 2, 4, 8, 1, 0 };
            SEC("xdp") int a(void *c) { u32 k = 0; lookup(&counts, &k); return 2; }
            LICENSE("GPL");
            """
        let needs = try await Compiled.needs(source.replacing("STATIC", with: ""))
        #expect(
            needs.hasOldMaps && needs.maps.map(\.name) == ["counts"] && needs.of("map type ARRAY") == ["kernel>=3.19"]
        )
        #expect(needs.list().contains("map 'counts'"))
        let hidden = try await Compiled.bytes(source.replacing("STATIC", with: "static"))
        #expect(throws: ObjectReadError.legacyMaps(["counts"])) { try ObjectNeeds(of: hidden) }
    }

    @Test func `an object without a program says so`() async throws {
        let bytes = try await Compiled.bytes("int f(int x) { return x; }")
        #expect(throws: ObjectReadError.noProgram) { try ObjectNeeds(of: bytes) }
    }
}
