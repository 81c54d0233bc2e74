import LibBPF
import LinuxHost
import Testing

/// Type information that was made up; the kernel's own is compared in other tests.
struct KernelTypesTests {
    /// `enum e { a = 1, b = 7 }; struct s { … x; … y; }; typedef … s;` with a function `s` behind a pointer.
    private static var bytes: [UInt8] {
        let (e, s, a, b, x, y): (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (1, 3, 5, 7, 9, 11)
        let pointer: [UInt32] = [0, 2 << 24, 0]
        let enumeration: [UInt32] = [e, 6 << 24 | 2, 4, a, 1, b, 7]
        let record: [UInt32] = [s, 4 << 24 | 2, 16, x, 1, 0, y, 1, 64]
        let types = pointer + enumeration + record + [s, 8 << 24, 3] + [s, 12 << 24, 1]
        let strings = [0] + Array("e\0s\0a\0b\0x\0y\0".utf8)
        let size = UInt32(types.count * 4)
        let header: [UInt32] = [0x0001_eb9f, 24, 0, size, size, UInt32(strings.count)]
        return (header + types).withUnsafeBytes { Array($0) } + strings
    }

    @Test func `types are found by name and kind, and numbered from 1`() throws {
        let types = try KernelTypes(bytes: Self.bytes)
        #expect(types.id(of: "e", .enumeration) == 2)
        #expect(types.id(of: "s", .record) == 3)
        #expect(types.id(of: "s", .alias) == 4)
        #expect(types.id(of: "s", .function) == 5)
        #expect(types.id(of: "e", .record) == nil)
        #expect(types.id(of: "nothing", .record) == nil)
        #expect(types.id(of: "", .record) == nil)
    }

    @Test func `enumerators and members are read`() throws {
        let types = try KernelTypes(bytes: Self.bytes)
        #expect(types.enumerators(of: "e") == ["a": 1, "b": 7])
        #expect(types.enumerators(of: "s") == [:])
        #expect(types.index(of: "y", in: "s") == 1)
        #expect(types.index(of: "z", in: "s") == nil)
    }

    @Test func `bytes that are none are refused`() {
        #expect(throws: SystemCallError.self) { try KernelTypes(bytes: []) }
        #expect(throws: SystemCallError.self) { try KernelTypes(bytes: [UInt8](repeating: 0xeb, count: 100)) }
    }

    @Test func `bytes that were cut or changed anywhere are read without harm`() {
        let whole = Self.bytes
        for count in 0..<whole.count { look(Array(whole.prefix(count))) }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 2..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            look(bytes)
        }
    }

    private func look(_ bytes: [UInt8]) {
        guard let types = try? KernelTypes(bytes: bytes) else { return }
        #expect((types.id(of: "s", .record) ?? 1) >= 1)
        #expect(types.enumerators(of: "e").count <= 1 << 16)
        #expect((types.index(of: "y", in: "s") ?? 0) < 1 << 16)
    }
}
