import Subprocess
import SystemPackage
import Testing

extension HostTests {
    /// A host, a container or a rescue system where no /proc is mounted.
    struct NoProcTests {
        @Test(arguments: ["core", "networking", "xdp", "samples"])
        func `without a proc filesystem a profile is inconclusive and never met`(profile: String) async throws {
            let result = try await Subprocess.run(
                .name("unshare"),
                arguments: [
                    "--mount", "sh", "-c", "mount -t tmpfs none /proc && exec \"$@\"", "sh", TestBench.command, "check",
                    "--profile", profile, "--no-probe",
                ],
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
            #expect(result.terminationStatus == .exited(3), "\(result.standardOutput)")
            #expect(result.standardOutput.contains("profile  \(profile)"))
        }
    }
}
