import Foundation
import RunModel
import Testing

extension MachineTests {
    /// A machine that stands still now and then, as one does whose host has better things to do.
    @Suite(.serialized)
    struct StallingGuestTests {
        /// QEMU in its place, stopped for 300 ms every half second.
        private static let script = """
            #!/bin/sh
            (while sleep 0.2 && kill -STOP $$; do sleep 0.3; kill -CONT $$; done) >/dev/null 2>&1 &
            exec qemu-system-x86_64 "$@"

            """

        /// Samples that wait for the kernel's timers, for many segments, or for its threads.
        private static let samples = ["tcp_dumpstats", "xdp_redirect_cpu"]

        @Test func `no verdict changes on a machine that stands still now and then`() throws {
            let folder = "\(NSTemporaryDirectory())/stalling-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let qemu = "\(folder)/qemu"
            try Self.script.write(toFile: qemu, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: qemu)
            let words = [
                "run", "--kernel", try GuestBench.kernelPath(), "--worker", try GuestBench.worker(), "--accel", "tcg",
            ]
            let ended = try GuestCommand(words + Self.samples, in: folder, environment: ["BPF_ASSAY_QEMU": qemu]).end()
            #expect(ended.status == 0, "\(ended.errors)\(ended.output)")
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/bpf-assay-results/latest/record.json"))
            let results = try JSONDecoder().decode(RunRecord.self, from: data).results
            #expect(results.map(\.verdict) == Self.samples.map { _ in .pass })
            #expect(results.allSatisfy { $0.control == .refused })
        }
    }
}
