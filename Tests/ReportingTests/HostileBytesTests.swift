import FoundationEssentials
import Reporting
import RunModel
import Testing

@Suite struct `hostile bytes` {
    /// Settable, so that a failure seen once can be seen again.
    static let seed = ProcessInfo.processInfo.environment["BPF_ASSAY_SEED"].flatMap { UInt64($0) } ?? 20_261_122

    /// SplitMix64: small, and the same numbers everywhere.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// Flips, cuts, repeats and inserts until nothing fits any more.
    static func mutated(_ bytes: [UInt8], with generator: inout Generator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            let length = Int.random(in: 0...min(64, bytes.count - place), using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
            case 1: bytes.removeSubrange(place..<(place + length))
            case 2: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
            case 3: bytes.insert(contentsOf: Array("\n{[\",:-1e999\u{0}".utf8), at: place)
            default: bytes.removeLast(bytes.count - place)
            }
        }
        return bytes
    }

    @Test(arguments: [true, false])
    func `are read or refused in one line, and never crash the reader or a format`(isJournal: Bool) throws {
        let whole = try isJournal ? `a journal`.bytes() : Array(try RecordJSON().render(Records.all).utf8)
        var generator = Generator(state: Self.seed)
        for round in 0..<1500 {
            let bytes = Self.mutated(whole, with: &generator)
            do {
                let file = try RecordFile(bytes)
                if round % 10 == 0 { for format in ReportFormats.all { _ = try? format.render(file.record) } }
            } catch {
                let message = "\(error)"
                try #require(!message.isEmpty && !message.contains("\n"), "seed \(Self.seed), round \(round)")
            }
        }
    }

    @Test(arguments: [1, 100, 100_000])
    func `nested without end are refused or read`(depth: Int) throws {
        let deep = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        var text = try RecordJSON().render(Records.good)
        text.replace(
            "\"control\" : \"not-run\"",
            with: "\"observation\" : \(deep), \"control\" : \"not-run\"",
            maxReplacements: 1
        )
        let bytes = Array(text.utf8)
        if depth < 500 {
            #expect(try RecordJSON.read(bytes).results[0].observation != nil)
        } else {
            #expect(throws: RecordError.self) { try RecordJSON.read(bytes) }
        }
    }

    @Test func `of no meaning at all are refused`() {
        var generator = Generator(state: Self.seed)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            #expect(throws: RecordError.self) { try RecordFile(bytes) }
        }
    }
}
