import Foundation
import LinuxHost
import Testing

@testable import GuestRun

extension MachineTests {
    /// A shell in a guest, as a user would see it.
    @Suite(.serialized)
    struct ShellGuestTests {
        private let folder: String

        init() throws {
            folder = "\(NSTemporaryDirectory())/guest-shell-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }

        private func shell(
            _ input: String,
            _ environment: [String: String] = [:],
            _ extra: [String] = ["--sample", "xdp1"]
        ) throws -> (status: Int32, output: String, errors: String) {
            let words = [
                "run", "--kernel", try GuestBench.kernelPath(), "--worker", try GuestBench.worker(), "--accel", "tcg",
                "--shell",
            ]
            return try GuestCommand(words + extra, in: folder, environment: environment, input: input).end()
        }

        @Test func `what is typed is run in the machine that samples would run in`() throws {
            defer { try? FileManager.default.removeItem(atPath: folder) }
            // Without the last line feed, and without a word that ends the shell.
            let run = try shell("uname -r; echo $((6*7)) modules: $(grep -c veth /proc/modules)")
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.contains("\(try GuestBench.kernel().release)\r\n42 modules: 1"), "\(run.output)")
            #expect(run.errors.contains("up after"))
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/bpf-assay-results"))
        }

        @Test func `modules take their parameters from the kernel's command line`() throws {
            defer { try? FileManager.default.removeItem(atPath: folder) }
            for (value, shown) in [("0", "N"), ("1", "Y")] {
                let extra = ["--sample", "tc_l2_redirect", "--append", "ip6-tunnel.log_ecn_error=\(value) ipip.x"]
                let run = try shell("echo it is $(cat /sys/module/ip6_tunnel/parameters/log_ecn_error)\n", [:], extra)
                #expect(run.output.contains("it is \(shown)"), "\(run.errors)\(run.output)")
            }
        }

        @Test func `a machine that is lost while somebody looks round is told as lost`() throws {
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let run = try shell("echo c > /proc/sysrq-trigger\nsleep 1000\n")
            #expect(run.status == 69)
            #expect(run.errors.contains("sysrq triggered crash"), "\(run.errors)")
        }

        @Test(arguments: [SIGINT, SIGTERM])
        func `a signal ends the shell and its machine`(number: Int32) throws {
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let marker = "assay_test=\(UUID().uuidString)"
            let words = [
                "run", "--kernel", try GuestBench.kernelPath(), "--worker", try GuestBench.worker(), "--accel", "tcg",
                "--append", marker, "--sample", "xdp1", "--shell",
            ]
            // Its input has ended, and it goes on.
            let command = try GuestCommand(words, in: folder, input: "sleep 1000\n")
            let isUp = Deadline(after: .seconds(120)).poll(everyMilliseconds: 50) {
                command.errorsSoFar.contains("up after")
            }
            #expect(isUp)
            kill(command.process.processIdentifier, number)
            #expect(try command.end().status == 128 + number)
            #expect(GuestBench.processes(with: marker).isEmpty)
        }

        @Test func `without a static busybox the package that has one is named`() throws {
            defer { try? FileManager.default.removeItem(atPath: folder) }
            // QEMU is found all the same.
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/qemu-system-x86_64",
                withDestinationPath: "/usr/bin/qemu-system-x86_64"
            )
            let run = try shell("exit\n", ["PATH": folder])
            #expect(run.status == 69)
            #expect(run.errors.contains("install Debian's package busybox-static"), "\(run.errors)")
            #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        }
    }
}
