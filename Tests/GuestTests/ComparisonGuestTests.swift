import Foundation
import RunModel
import Testing

@testable import GuestRun

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

    private func run(_ extra: [String]) throws -> (status: Int32, output: String, errors: String) {
        let words = [
            "run", "--kernel", try GuestBench.kernelPath(), "--worker", try GuestBench.worker(), "--accel", "tcg",
            "--jobs", "1", "--no-control", "--sample", "sockex1", "--sample", "test_cgrp2_sock2",
        ]
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
}
