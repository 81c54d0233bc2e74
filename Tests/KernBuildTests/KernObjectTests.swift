import TestSupport
import Testing

@testable import KernBuild

struct KernObjectTests {
    /// A small object: null section, program sections as named, and the names.
    static func object(_ sections: [(name: String, type: UInt8, flags: UInt8, size: UInt8)], machine: UInt8 = 247)
        -> [UInt8]
    {
        var names: [UInt8] = [0]
        var table = [UInt8](repeating: 0, count: 64)
        for (name, type, flags, size) in sections {
            var header = [UInt8](repeating: 0, count: 64)
            header[0] = UInt8(names.count)
            header[4] = type
            header[8] = flags
            header[24] = 0  // content: the file's beginning
            header[32] = size
            table += header
            names += Array(name.utf8) + [0]
        }
        var header = [UInt8](repeating: 0, count: 64)
        header[0] = UInt8(names.count)
        names += Array(".shstrtab".utf8) + [0]
        header[4] = 3
        header[24] = 64
        header[32] = UInt8(names.count)
        table += header
        var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 57)
        bytes[18] = machine
        bytes[40] = UInt8(64 + names.count)
        bytes[58] = 64
        bytes[60] = UInt8(sections.count + 2)
        bytes[62] = UInt8(sections.count + 1)
        return bytes + names + table
    }

    static let good = object([("xdp1", 1, 6, 16), (".text", 1, 6, 8), (".BTF", 1, 0, 24), (".maps", 1, 3, 32)])

    @Test func `sections with instructions are programs, except .text`() throws {
        let object = try KernObject(Self.good)
        #expect(object.programSections == ["xdp1"])
        #expect(object.hasBTF)
    }

    @Test(
        arguments: [
            (object([(".text", 1, 6, 0), ("license", 1, 3, 4)]), KernObjectError.noProgram),
            (object([("xdp", 1, 6, 0)]), .noProgram),
            (object([(".text", 1, 6, 8)]), .noProgram),
            (object([("xdp", 1, 6, 8)], machine: 62), .notBPF(machine: 62)),
            ([], .notELF),
            (Array("BC\u{C0}\u{DE} bitcode, or a script".utf8), .notELF),
            (Array(good.prefix(63)), .notELF),
            (Array(good.dropLast()), .damaged),
            (object([("xdp", 1, 6, 255)]).dropLast(200) + [], .damaged),
        ]
    )
    func `other files are refused for a reason`(bytes: [UInt8], reason: KernObjectError) {
        #expect(throws: reason) { try KernObject(bytes) }
    }

    @Test func `no damage is more than an error`() {
        // Printed before anything can trap; BPF_ASSAY_SEED repeats a run.
        let seed = Host.environment["BPF_ASSAY_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
        print("BPF_ASSAY_SEED=\(seed)")
        var random = SeededGenerator(seed: seed)
        for length in 0...Self.good.count { _ = try? KernObject(Array(Self.good.prefix(length))) }
        for _ in 0..<20_000 {
            var bytes = Self.good
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let at = Int.random(in: 4..<bytes.count, using: &random)
                bytes[at] =
                    [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random)
                    ?? 0
            }
            if let object = try? KernObject(bytes) { #expect(!object.programSections.isEmpty, "seed \(seed)") }
        }
    }
}
