import BPFProbe
import Foundation
import LinuxHost
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension HostTests {
    /// The probe of a process that may do little, and of one that is killed.
    @Suite(.serialized)
    struct ProbePrivilegeTests {
        /// What is read of the command's JSON.
        private struct Output: Decodable {
            let probe: Report

            struct Report: Decodable {
                let programTypes, mapTypes, attachPoints, linkTypes, effects: [Entry]
            }

            struct Entry: Decodable {
                let name: String
                let answer: Answer
            }

            struct Answer: Decodable {
                let answer: String
                let reason: String?
            }
        }

        private static let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]
        private static let withoutCapabilities = ["--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]

        /// Runs a copy of the command that everybody may read, under setpriv(1).
        private func probe(under options: [String]) async throws -> Output {
            let folder = "\(FileManager.default.temporaryDirectory.path)/bpf-assay-\(UUID().uuidString)"
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o755]
            )
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try FileManager.default.copyItem(atPath: TestBench.command, toPath: "\(folder)/bpf-assay")
            let result = try await Subprocess.run(
                .path(FilePath("/usr/bin/setpriv")),
                arguments: Arguments(options + ["\(folder)/bpf-assay", "check", "--probe", "--format", "json"]),
                workingDirectory: FilePath("/"),
                input: .none,
                output: .string(limit: 4 << 20),
                error: .string(limit: 1 << 20)
            )
            let text = result.standardOutput
            #expect(!text.isEmpty, "\(result.standardError)")
            return try JSONDecoder().decode(Output.self, from: Data(text.utf8))
        }

        @Test(arguments: [nobody, withoutCapabilities])
        func `a process without privileges calls nothing absent and names what is missing`(
            options: [String]
        ) async throws {
            let report = try await probe(under: options).probe
            #expect(report.programTypes.count > 30 && report.mapTypes.count > 30)
            #expect(report.attachPoints.count == AttachPoint.all.count)
            #expect(report.linkTypes.count == LinkType.allCases.count)
            let all =
                report.programTypes + report.mapTypes + report.attachPoints + report.linkTypes + report.effects
            for entry in all {
                #expect(entry.answer.answer != "absent", "\(entry.name)")
                // A kernel that lets everybody load some types answers for those.
                guard entry.answer.answer != "supported" else { continue }
                #expect(entry.answer.answer == "denied", "\(entry.name): \(entry.answer)")
                #expect(entry.answer.reason?.contains("needs CAP_") == true, "\(entry.name): \(entry.answer)")
            }
            #expect(all.contains { $0.answer.answer == "denied" })
        }

        /// Asks by the command, and kills it with SIGKILL as soon as a question is answered with yes.
        private func check(killedOnce isTime: (@Sendable () throws -> Bool)? = nil) async throws {
            _ = try await Subprocess.run(
                .path(FilePath(TestBench.command)),
                arguments: ["check", "--probe", "--format", "json"],
                input: .none,
                output: .discarded,
                error: .discarded
            ) { execution in
                guard let isTime else { return }
                // A probe that was not killed in time has ended by itself.
                _ = try Deadline(after: .seconds(5)).poll(everyMilliseconds: 1, until: isTime)
                try? execution.send(signal: .kill)
            }
        }

        private func expectNothing(beyond before: HostCensus, _ occasion: String) throws {
            var surplus: [String] = []
            _ = try Deadline(after: .seconds(5)).poll(everyMilliseconds: 10) {
                surplus = try HostCensus().surplus(over: before)
                return surplus.isEmpty
            }
            #expect(surplus == [], "\(occasion)")
        }

        @Test func `a probe that is killed leaves nothing after the next start`() async throws {
            _ = KernelProbe.run()
            let before = try HostCensus()
            let seed =
                ProcessInfo.processInfo.environment["BPF_ASSAY_SEED"].flatMap { UInt64($0) }
                ?? UInt64.random(in: 0...999_999)
            var random = SeededGenerator(seed: seed)
            var left = 0
            for round in 1...20 {
                // In every other round the moment is the one when there is something to be left.
                let end = Deadline(after: .milliseconds(Int.random(in: 1...1000, using: &random)))
                try await check {
                    guard round % 2 == 0 else { return end.hasPassed }
                    return try !ControlGroup.own().children().allSatisfy { before.cgroups.contains($0.path) }
                }
                left += try HostCensus().cgroups.subtracting(before.cgroups).count
                try await check()
                try expectNothing(beyond: before, "seed \(seed), round \(round)")
            }
            print("of 20 killed probes \(left) left a cgroup for the next start")
        }

        @Test func `what a dead probe wrote down is removed by the next start`() async throws {
            let before = try HostCensus()
            let name = "probe-test-\(UUID().uuidString)"
            let group = try ControlGroup.own().child(ResourceJournal.cgroupPrefix + name)
            do {
                // Ended without being finished, the journal is one of a process that has died.
                let journal = try ResourceJournal(run: name)
                try journal.note(group)
                try group.create()
            }
            #expect(try HostCensus().surplus(over: before).count == 2)
            try await check()
            try expectNothing(beyond: before, "after the next start")
        }
    }
}
