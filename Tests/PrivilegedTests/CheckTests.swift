import Foundation
import Reporting
import RunModel
import Subprocess
import SystemPackage
import Testing

extension HostTests {
    /// `bpf-assay check` on this kernel, with the config that it really has and with others in its place.
    struct CheckTests {
        private struct Run {
            let status: TerminationStatus
            let record: CheckRecord
            let errors: String

            func check(_ feature: String) throws -> CheckResult {
                try #require(record.checks.first { $0.feature == feature }, "\(feature)")
            }
        }

        /// Runs the check, in a mount namespace where files stand in for others.
        private func check(_ arguments: [String] = [], standIns: [(file: String, over: String)] = []) async throws
            -> Run
        {
            let mounts = standIns.map { "mount --bind '\($0.file)' '\($0.over)' && " }.joined()
            let words = ([TestBench.command, "check", "--format", "json"] + arguments).map { "'\($0)'" }
            let result = try await Subprocess.run(
                .path("/usr/bin/unshare"),
                arguments: ["--mount", "sh", "-c", "\(mounts)exec \(words.joined(separator: " "))"],
                input: .none,
                output: .string(limit: 16 << 20),
                error: .string(limit: 1 << 20)
            )
            let output = result.standardOutput
            let record = try CheckJSON.read(Array(output.utf8))
            return Run(status: result.terminationStatus, record: record, errors: result.standardError)
        }

        private func file(_ bytes: [UInt8]) throws -> String {
            let path = "\(FileManager.default.temporaryDirectory.path)/bpf-assay-\(UUID().uuidString)"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            return path
        }

        /// This kernel's config with lines changed.
        private func config(_ change: (String) -> String) async throws -> String {
            let text = try await Subprocess.run(
                .path("/usr/bin/zcat"),
                arguments: ["/proc/config.gz"],
                output: .string(limit: 4 << 20)
            ).standardOutput
            return try file(Array(change(text).utf8))
        }

        @Test func `what the options promise and what this kernel answers never contradict one another`() async throws {
            let run = try await check(["--probe"])
            let conflicts = run.record.checks.filter { $0.verdict == .conflict }
            #expect(conflicts == [], "explain each in kconfig/exceptions.tsv, or mend the rule")
            let answered = run.record.checks.filter { $0.evidence.first?.hasPrefix("kernel: ") == true }
            #expect(answered.count > 150)
            // Nothing is left to the options alone that the kernel could have been asked.
            let prefixes = ["BPF_PROG_TYPE_", "BPF_MAP_TYPE_", "BPF_LINK_TYPE_", "attach:", "effect:"]
            let probed = run.record.checks.filter { check in prefixes.contains { check.feature.hasPrefix($0) } }
            #expect(probed.filter { $0.evidence.first?.hasPrefix("kernel: ") != true }.map(\.feature) == [])
            // And nothing is asked without a rule that says what it needs.
            #expect(probed.filter { $0.evidence.count == 1 }.map(\.feature) == [])
            #expect(run.record.probe?.helpers.isEmpty == false)
        }

        @Test func `a config that denies what the kernel does is a conflict and not a missing option`() async throws {
            let standIn = try await config { text in
                text.replacingOccurrences(of: "CONFIG_BPF_SYSCALL=y", with: "# CONFIG_BPF_SYSCALL is not set")
                    .replacingOccurrences(of: "CONFIG_CGROUP_BPF=y", with: "# CONFIG_CGROUP_BPF is not set")
            }
            defer { try? FileManager.default.removeItem(atPath: standIn) }
            let run = try await check(["--probe"], standIns: [(standIn, "/proc/config.gz")])
            #expect(run.status == .exited(4))
            let device = try run.check("BPF_PROG_TYPE_CGROUP_DEVICE")
            #expect(device.verdict == .conflict)
            #expect(device.evidence.first == "kernel: supported")
            #expect(device.evidence.contains { $0.contains("CONFIG_CGROUP_BPF is off") })
        }

        @Test func `a config that promises what the kernel lacks is a conflict too`() async throws {
            let standIn = try await config { text in
                text.replacingOccurrences(of: "# CONFIG_NETKIT is not set", with: "CONFIG_NETKIT=y")
            }
            defer { try? FileManager.default.removeItem(atPath: standIn) }
            let run = try await check(["--probe"], standIns: [(standIn, "/proc/config.gz")])
            #expect(run.status == .exited(4))
            #expect(try run.check("attach:netkit_primary").verdict == .conflict)
        }

        @Test func `without any config nothing is called missing, and the kernel answers for itself`() async throws {
            let empty = try file([])
            defer { try? FileManager.default.removeItem(atPath: empty) }
            let run = try await check(["--probe"], standIns: [(empty, "/proc/config.gz")])
            #expect(run.status == .exited(3))
            let options = run.record.checks.filter { $0.wanted != nil }
            #expect(!options.isEmpty && options.allSatisfy { $0.verdict == .unknown && $0.found == "?" })
            #expect(try run.check("BPF_PROG_TYPE_XDP").verdict == .met)
            #expect(!run.record.checks.contains { $0.evidence.joined().contains("is not set") })
        }

        @Test func `under a lockdown an object that is refused is told the lockdown, and never another limit`()
            async throws
        {
            let object = "\(FileManager.default.temporaryDirectory.path)/bpf-assay-\(UUID().uuidString).o"
            defer { try? FileManager.default.removeItem(atPath: object) }
            let source = """
                #define SEC(name) __attribute__((section(name), used))
                SEC("fentry/do_nanosleep") int p(void *c) { return 0; }
                char _license[] SEC("license") = "GPL";
                """
            let clang = try await Subprocess.run(
                .name("clang"),
                arguments: [
                    "-x", "c", "-g", "-O2", "-target", "bpf", "-c", try file(Array(source.utf8)), "-o", object,
                ],
                output: .discarded,
                error: .string(limit: 1 << 20)
            )
            try #require(clang.terminationStatus == .exited(0), "\(clang.standardError)")
            let result = try await Subprocess.run(
                .path(FilePath(TestBench.command)),
                arguments: ["check", "--object", object, "--probe"],
                input: .none,
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
            let text = result.standardOutput
            let lockdown = (try? String(contentsOfFile: "/sys/kernel/security/lockdown", encoding: .utf8)) ?? ""
            #expect(!text.contains("ulimit"), "\(text)")
            if result.terminationStatus == .exited(0) {
                #expect(text.hasPrefix("yes: "))
            } else if lockdown.contains("[integrity]") {
                let refusal = Refusal.lockdown(mode: "integrity")
                let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" }).joined(separator: " ")
                #expect(words.hasPrefix("no: ") && words.contains("\(refusal.cause); \(refusal.remedy)"), "\(text)")
            }
        }

        @Test func `an ordinary user's counts do not look better than root's`() async throws {
            func line(_ words: [String]) async throws -> String {
                let result = try await Subprocess.run(
                    .path(FilePath(words[0])),
                    arguments: Arguments(Array(words.dropFirst())),
                    input: .none,
                    output: .string(limit: 1 << 20),
                    error: .string(limit: 1 << 20)
                )
                let lines = result.standardOutput.split(separator: "\n").map(String.init)
                return try #require(lines.first { $0.hasPrefix("  effects ") }, "\(result.standardOutput)")
            }
            let check = [TestBench.command, "check", "--verbose"]
            let nobody = try await line(["/usr/bin/setpriv", "--reuid", "65534", "--clear-groups"] + check)
            #expect(nobody.hasSuffix(" promised by the options, not asked"), "\(nobody)")
            #expect(try await !line(check).contains("promised"))
        }

        @Test func `what this process may not do is denied and names the capability`() async throws {
            let result = try await Subprocess.run(
                .path("/usr/bin/setpriv"),
                arguments: [
                    "--reuid", "65534", "--regid", "65534", "--clear-groups", TestBench.command, "check", "--probe",
                    "--format", "json",
                ],
                input: .none,
                output: .string(limit: 16 << 20),
                error: .string(limit: 1 << 20)
            )
            let record = try CheckJSON.read(Array(result.standardOutput.utf8))
            let xdp = try #require(record.checks.first { $0.feature == "BPF_PROG_TYPE_XDP" })
            #expect(xdp.verdict == .denied && xdp.evidence.joined().contains("CAP_BPF"))
            // What the options promise is never called absent for lack of a right.
            #expect(!record.checks.contains { $0.verdict == .conflict })
        }
    }
}
