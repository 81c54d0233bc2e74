import FoundationEssentials
import RunModel
import TestSupport
import Testing

@testable import ConfigCheck
@testable import KernelImages

/// Hostile bytes: the readers may refuse them and must neither crash nor hang.
///
/// Set `BPF_ASSAY_FUZZ_SEED` to repeat a run; a failure names its seed.
@Suite struct ConfigFuzzTests {
    private static let seed =
        ProcessInfo.processInfo.environment["BPF_ASSAY_FUZZ_SEED"].flatMap { UInt64($0) }
        ?? UInt64.random(in: 0 ... .max)

    private static let seeds = (0..<400).map { seed &+ $0 }

    /// Text that reaches deeper than noise does: valid pieces in any order, with a few bytes changed.
    private static func text(_ generator: inout SeededGenerator) -> [UInt8] {
        let pieces = [
            "CONFIG_A=y", "CONFIG_B=\"a\\\"b\"", "# CONFIG_C is not set", "CONFIG_D=0x1f", "# [optional, for x]", "\n",
            "\r\n",
            "# [for Linux kernel versions 4.1 through 4.6]", "\"", "\\", "=", "# [", "]", ",", "\u{0}", "CONFIG_", " ",
            "# Linux/x86 6.1.192 Kernel Configuration",
        ]
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...40, using: &generator) {
            bytes += (pieces.randomElement(using: &generator) ?? "").utf8
            if Bool.random(using: &generator) { bytes.append(UInt8(ascii: "\n")) }
        }
        for _ in 0..<Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        return bytes
    }

    @Test(arguments: seeds)
    func `any bytes are a config with faults that have a line`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bytes = Self.text(&generator)
        let config = KernelConfig(parsing: bytes)
        for (option, entry) in config.entries {
            let line = Array((entry.value.line(for: option) + "\n").utf8)
            let again = KernelConfig(parsing: line)
            #expect(again[option] == entry.value, "seed \(seed)")
        }
        for fault in config.faults {
            #expect(fault.line >= 1 && "\(fault)".count < 300, "seed \(seed)")
            #expect("\(fault)".utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "seed \(seed)")
        }
    }

    @Test(arguments: seeds)
    func `any bytes are a profile or a profile error`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bytes = Self.text(&generator)
        do {
            let profile = try ConfigProfile(name: "fuzz", parsing: bytes)
            let report = ConfigReport(judging: profile, against: nil)
            #expect(report.conclusion == .inconclusive, "seed \(seed)")
        } catch {
            #expect("\(error)".hasPrefix("reading the profile 'fuzz': "), "seed \(seed)")
        }
    }

    @Test(arguments: seeds)
    func `damaged gzip data never gives more than the limit`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var bytes = try gzip(Self.text(&generator))
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            bytes[Int.random(in: 2..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        if let inflated = try? Gzip.inflate(bytes, limit: 2048) { #expect(inflated.count <= 2048, "seed \(seed)") }
    }

    @Test func `noise is refused or read and never crashes`() {
        var generator = SeededGenerator(seed: Self.seed)
        for _ in 0..<200 {
            let noise = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = KernelConfig(parsing: noise)
            _ = try? ConfigProfile(name: "noise", parsing: noise)
            _ = try? Gzip.inflate([0x1f, 0x8b] + noise, limit: 4096)
        }
    }
}
