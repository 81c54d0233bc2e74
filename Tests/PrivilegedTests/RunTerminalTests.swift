import Foundation
import Subprocess
import SystemPackage
import Testing

extension HostTests {
    /// What a run shows on a terminal, seen through one.
    struct RunTerminalTests {
        /// Runs a command with a terminal of so many columns as its input, output and errors; prints what it wrote.
        private static let terminal = """
            import fcntl, os, pty, struct, sys, termios
            columns, command = int(sys.argv[1]), sys.argv[2:]
            child, terminal = pty.fork()
            if child == 0:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
                os.execv(command[0], command)
            written = b""
            while True:
                try: piece = os.read(terminal, 65536)
                except OSError: break
                if not piece: break
                written += piece
            sys.stdout.buffer.write(written)
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            """

        private static func run(_ environment: [String: String]) async throws -> (code: Int32, text: String) {
            let object = try #require(try await TestBench.shared.objects()["networking/sockex1"]?.first)
            let results = "\(FileManager.default.temporaryDirectory.path)/bpf-assay-terminal-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: results) }
            let folder = URL(fileURLWithPath: object).deletingLastPathComponent().path
            let words = [
                TestBench.command, "run", "--objects", folder, "--sample", "sockex1", "--repeat", "3", "--results",
                results,
            ]
            let changes = environment.map { (Environment.Key(stringLiteral: $0.key), Optional($0.value)) }
            let result = try await Subprocess.run(
                .path("/usr/bin/python3"),
                arguments: Arguments(["-c", terminal, "60"] + words),
                environment: .inherit.updating(Dictionary(uniqueKeysWithValues: changes)),
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
            let code: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
            return (code, result.standardOutput.replacing("\r\n", with: "\n"))
        }

        @Test func `a live line tells of each repeat, fits the terminal and is gone in the end`() async throws {
            let run = try await Self.run(["TERM": "xterm", "NO_COLOR": ""])
            #expect(run.code == 0, "\(run.text)")
            #expect(run.text.contains("0/1 running: networking/sockex1 (repeat 2/3)"), "\(run.text)")
            #expect(run.text.contains("\u{1B}[1;32mPASS\u{1B}[0m ["))
            // What is written over begins behind the last line that stays, and takes one row.
            for live in run.text.components(separatedBy: "\r\u{1B}[J").dropFirst() {
                let line = live.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
                #expect(line.count < 60, "\(line)")
            }
            let report = try #require(run.text.components(separatedBy: "results: ").last)
            #expect(!report.contains("running:") && !report.contains("PASS"), "\(report)")
        }

        @Test func `a terminal that can do nothing gets plain lines`() async throws {
            for environment in [["TERM": "dumb"], ["TERM": "dumb", "NO_COLOR": "1"]] {
                let run = try await Self.run(environment)
                #expect(run.code == 0 && !run.text.contains("\u{1B}"), "\(run.text)")
                #expect(run.text.contains("PASS [") && !run.text.contains("running:"), "\(run.text)")
            }
            let plain = try await Self.run(["TERM": "xterm", "NO_COLOR": "1"])
            #expect(!plain.text.contains("\u{1B}[1") && plain.text.contains("\r\u{1B}[J"), "\(plain.text)")
        }
    }
}
