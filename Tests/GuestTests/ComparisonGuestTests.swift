import Foundation
import RunModel
import Testing

@testable import GuestRun

extension MachineTests {
    /// Runs in guests that are compared with each other, as a user would see it.
    ///
    /// What breaks a sample here is the kernel's command line: with hardly any option memory for sockets, the kernel refuses to
    /// attach a socket filter, and does everything else.
    @Suite(.serialized)
    struct ComparisonGuestTests {
        static let breakage = "sysctl.net.core.optmem_max=64"
        private let folder: String

        init() throws {
            folder = "\(NSTemporaryDirectory())/guest-comparison-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }

        private func run(
            _ extra: [String],
            _ samples: [String] = ["sockex1", "test_cgrp2_sock2"]
        ) throws -> (status: Int32, output: String, errors: String) {
            let words =
                [
                    "run", "--kernel", try GuestBench.kernelPath(), "--worker", try GuestBench.worker(), "--accel",
                    "tcg",
                    "--jobs", "1", "--no-control",
                ] + samples.flatMap { ["--sample", $0] }
            return try GuestCommand(words + extra, in: folder).end()
        }

        @Test func `what fails and did not is a regression, and what failed already is known`() throws {
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let good = try run([])
            #expect(good.status == 0, "\(good.errors)\(good.output)")
            let latest = "bpf-assay-results/latest"
            let bad = try run(["--append", Self.breakage, "--baseline", latest])
            #expect(bad.status == 1, "\(bad.errors)\(bad.output)")
            #expect(bad.output.contains("regressions:") && bad.output.contains("pass -> fail (attach_failed)"))
            #expect(bad.output.contains("1 passed, 1 failed, 0 skipped"))
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(latest)/comparison.json"))
            let comparison = try JSONDecoder().decode(RunComparison.self, from: data)
            #expect(comparison.changes.map(\.kind) == [.regression] && comparison.common == 2)
            let again = try run(["--append", Self.breakage, "--baseline", latest, "--format", "json"])
            #expect(again.status == 0, "\(again.errors)\(again.output)")
            // Standard output belongs to the format alone.
            #expect(again.errors.contains("no regression: no differences; 2 samples in both"))
            #expect(again.errors.contains("failures that the baseline has too, which do not fail this run: 1"))
            #expect(try JSONDecoder().decode(RunRecord.self, from: Data(again.output.utf8)).summary.fail == 1)
        }

        @Test func `the option that went off stands beside the sample that is skipped for it`() throws {
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let kernel = try GuestBench.kernel()
            let text = try String(contentsOfFile: try #require(kernel.configCandidates.first), encoding: .utf8)
            try text.replacingOccurrences(of: "CONFIG_VETH=m", with: "# CONFIG_VETH is not set")
                .write(toFile: "\(folder)/config", atomically: true, encoding: .utf8)
            let good = try run([], ["xdp1"])
            #expect(good.status == 0, "\(good.errors)\(good.output)")
            try FileManager.default.moveItem(atPath: "\(folder)/bpf-assay-results", toPath: "\(folder)/first")
            let skipped = try run(["--config", "config", "--baseline", "first/latest"], ["xdp1"])
            #expect(skipped.status == 4, "\(skipped.errors)\(skipped.output)")
            let after = try #require(skipped.output.range(of: "xdp/xdp1: pass -> skip (config_missing, CONFIG_VETH)"))
            #expect(skipped.output[after.upperBound...].hasPrefix("\n    CONFIG_VETH went from m to not set"))
            // The same from the two records alone.
            let compared = try GuestCommand(["compare", "first/latest", "bpf-assay-results/latest"], in: folder).end()
            #expect(compared.status == 0 && compared.output.contains("CONFIG_VETH went from m to not set"))
        }
    }
}
