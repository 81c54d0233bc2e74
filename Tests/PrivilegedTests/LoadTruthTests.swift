import Subprocess
import TestSupport
import Testing

extension HostTests {
    /// Whether objects load on the running kernel, as `check --against` predicts it and as `check --probe` finds it.
    struct LoadTruthTests {
        @Test(arguments: ["6.1", "6.12"])
        func `what is said to load loads, and what is said not to does not`(version: String) throws {
            let truth = try LoadTruth(
                command: TestBench.command,
                tree: try DebianTree.path(version),
                types: "/sys/kernel/btf/vmlinux",
                trial: ["--probe"],
                others: try OddObjects.loading
            )
            #expect(truth.cases.count > 50)
            #expect(truth.cases.compactMap(\.error).joined(separator: "\n") == "")
            // Both answers must be among what is compared, else a command that always gives one would do.
            #expect(truth.cases.count { $0.predicted == "yes" && $0.found == "yes" } > 25)
            for name in ["pinned.o", "setting.o", "map_alone.o"] {
                let odd = try #require(truth.cases.first { $0.object == name })
                #expect(odd.found == "yes" && odd.predicted == "yes", "\(odd)")
            }
            #expect(truth.cases.count { $0.predicted == "no" && $0.found == "no" } >= 2)
            // Sections that only tc(8) and ip(8) know have the types that these give them.
            for name in [
                "parse_simple.o", "parse_varlen.o", "parse_ldabs.o", "tcbpf1_kern.o", "test_lwt_bpf.o",
                "xdp2skb_meta_kern.o",
            ] {
                #expect(truth.cases.first { $0.object == name }?.found == "yes", "\(name)")
            }
        }

        @Test func `who may not load is told so in a line, and nothing is said of the object`() async throws {
            let object = try #require(try await TestBench.shared.objects().values.joined().first)
            let run = try await Subprocess.run(
                .name("setpriv"),
                arguments: [
                    "--reuid", "65534", "--regid", "65534", "--clear-groups", TestBench.command, "check", "--object",
                    object,
                    "--probe",
                ],
                input: .none,
                output: .string(limit: 1 << 16),
                error: .string(limit: 1 << 16)
            )
            #expect(run.terminationStatus == .exited(3))
            #expect(run.standardOutput.isEmpty && run.standardError.contains("needs root"), "\(run.standardError)")
            #expect(run.standardError.split(separator: "\n").count == 1)
        }
    }
}
