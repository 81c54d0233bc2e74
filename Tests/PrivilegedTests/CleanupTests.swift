import Foundation
import LinuxHost
import SampleCatalog
import SampleKit
import SampleTrials
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension HostTests {
    /// What is left after runs that ended well, and after those that were killed.
    @Suite(.serialized)
    struct CleanupTests {
        /// Runs the command until it ends, or kills it with SIGKILL after a while.
        private func run(
            _ arguments: [String],
            killedAfter limit: Duration? = nil,
            by signal: Signal = .kill
        ) async throws -> TerminationStatus {
            let folder = "\(TestBench.products)/test-results"
            let all = ["run", "--results", folder] + arguments
            return try await Subprocess.run(
                .path(FilePath(TestBench.command)),
                arguments: Arguments(all),
                input: .none,
                output: .discarded,
                error: .discarded
            ) { execution in
                guard let limit else { return }
                if signal == .interrupt { try await Self.awaitHandler(in: execution.processIdentifier.value) }
                try await Task.sleep(for: limit)
                try? execution.send(signal: signal)
            }.terminationStatus
        }

        /// Waits until a process takes SIGINT itself; before that the signal simply ends it.
        private static func awaitHandler(in process: pid_t) async throws {
            let limit = ContinuousClock.now + .seconds(20)
            while ContinuousClock.now < limit {
                let status = (try? SmallFile.text("/proc/\(process)/status")) ?? ""
                let caught = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }
                    .flatMap { $0.split(separator: "\t").last }.flatMap { UInt64($0, radix: 16) }
                // Signal 2 is the second bit.
                if let caught, caught & 2 != 0 { return }
                try await Task.sleep(for: .milliseconds(5))
            }
        }

        private func objectFolder() async throws -> String {
            let objects = try await TestBench.shared.objects()
            return try #require(objects.values.joined().first.map { FilePath($0).removingLastComponent().string })
        }

        /// Freeing is the kernel's work behind our back, so the census is repeated until it agrees or two seconds are over.
        private func expectNothing(beyond before: HostCensus, _ occasion: String) throws {
            var surplus: [String] = []
            _ = try Deadline(after: .seconds(2)).poll(everyMilliseconds: 10) {
                surplus = try HostCensus().surplus(over: before)
                return surplus.isEmpty
            }
            #expect(surplus == [], "\(occasion)")
        }

        @Test func `a run that ends leaves nothing`() async throws {
            let objects = try await objectFolder()
            _ = try await run(["--objects", objects, "--sample", "sockex1"])
            let before = try HostCensus()
            #expect(try await run(["--objects", objects]) == .exited(0))
            try expectNothing(beyond: before, "after a run")
        }

        @Test func `a run that is interrupted leaves nothing and records what it did not reach`() async throws {
            let objects = try await objectFolder()
            let before = try HostCensus()
            let status = try await run(
                ["--objects", objects, "--jobs", "1"],
                killedAfter: .milliseconds(400),
                by: .interrupt
            )
            #expect(status == .exited(130))
            try expectNothing(beyond: before, "after SIGINT")
            let record = try String(
                contentsOfFile: "\(TestBench.products)/test-results/latest/record.json",
                encoding: .utf8
            )
            #expect(record.contains("\"the run was interrupted"))
        }

        @Test func `a full disk ends a run with a clear line and no half-written record`() async throws {
            let objects = try await objectFolder()
            let folder = "\(FileManager.default.temporaryDirectory.path)/bpf-assay-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let before = try HostCensus()
            // The mount is gone with the shell, so what is in it is listed from within.
            let script = """
                mount -t tmpfs -o size=16k none '\(folder)' &&
                { '\(TestBench.command)' run --results '\(folder)' --objects '\(objects)'; echo "status $?";
                find '\(folder)' -name 'record.json' -o -name '*.tmp'; }
                """
            let result = try await Subprocess.run(
                .path("/usr/bin/unshare"),
                arguments: ["--mount", "sh", "-c", script],
                input: .none,
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
            #expect(result.standardOutput == "status 69\n")
            #expect(result.standardError.contains("no space left on device (ENOSPC)"), "\(result.standardError)")
            try expectNothing(beyond: before, "after a full disk")
        }

        @Test func `a run that is killed leaves nothing after the next start`() async throws {
            let objects = try await objectFolder()
            _ = try await run(["--objects", objects, "--sample", "sockex1"])
            let before = try HostCensus()
            let seed =
                ProcessInfo.processInfo.environment["BPF_ASSAY_SEED"].flatMap { UInt64($0) }
                ?? UInt64.random(in: 0...999_999)
            var random = SeededGenerator(seed: seed)
            for round in 1...20 {
                let moment = Duration.milliseconds(Int.random(in: 5...1500, using: &random))
                // Other samples in every round: of all, a run would reach the first few in this time.
                let some = SamplePlaces.here.map(\.id).shuffled(using: &random).prefix(6).flatMap { ["--sample", $0] }
                _ = try await run(["--objects", objects] + some, killedAfter: moment)
                #expect(try await run(["--objects", objects, "--sample", "sockex1"]) == .exited(0))
                try expectNothing(beyond: before, "seed \(seed), round \(round), killed after \(moment)")
            }
        }
    }
}
