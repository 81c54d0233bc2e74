import LibBPF
import Testing

/// The line information of objects, read by `LibBPF`; it is here for the compiler.
struct SourceLineTests {
    private static let source = """
        SEC("socket") int first(void *context) {
            u64 then = now();
            return print("x", 2, then);
        }
        SEC("tp/a/b") int second(void *context) {
            \tnow();   /* said once */  \t
            return 0;
        }
        LICENSE("GPL");
        """

    @Test func `lines are read with their numbers and texts, of the section that is asked for`() async throws {
        let object = try OpenedObject(try await Compiled.bytes(Self.source), name: "a.o")
        let before = Compiled.head.utf8.count { $0 == 0x0a }
        let first = object.sourceLines(ofSection: "socket")
        #expect(first.contains(SourceLine(number: before + 2, text: "u64 then = now();")))
        #expect(first.contains(SourceLine(number: before + 3, text: "return print(\"x\", 2, then);")))
        #expect(!first.contains { $0.number > before + 4 })
        #expect(
            object.sourceLines(ofSection: "tp/a/b").contains(
                SourceLine(number: before + 6, text: "now();   /* said once */")
            )
        )
        #expect(object.sourceLines(ofSection: "tp/a") == [])
    }

    @Test func `an object without line information has no lines`() async throws {
        let bytes = try await Compiled.bytes(Self.source, arguments: ["-g0"])
        #expect(try OpenedObject(bytes, name: "a.o").sourceLines(ofSection: "socket") == [])
    }

    @Test func `line information of no sense gives what lines it can`() async throws {
        let bytes = try await Compiled.bytes(Self.source)
        let types = try #require(bytes.firstRange(of: [0x9f, 0xeb, 1, 0]))
        let extra = try #require(bytes[types.upperBound...].firstRange(of: [0x9f, 0xeb, 1, 0])).lowerBound
        var state: UInt64 = 7
        for _ in 0..<3000 {
            var damaged = bytes
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                damaged[extra + 8 + Int(state >> 33) % 160] = UInt8(truncatingIfNeeded: state >> 20)
            }
            // libbpf refuses most of these; what it opens must not bring anything down.
            guard let object = try? OpenedObject(damaged, name: "a.o") else { continue }
            #expect(object.sourceLines(ofSection: "socket").allSatisfy { $0.number > 0 })
        }
    }
}
