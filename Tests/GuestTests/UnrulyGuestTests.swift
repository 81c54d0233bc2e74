import Foundation
import LinuxHost
import RunModel
import SampleRun
import Testing

@testable import GuestRun

extension MachineTests {
    /// Guests that do what they must not, booted for real: each ends with the right verdict, and the next sample runs.
    @Suite(.serialized)
    struct UnrulyGuestTests {
        private static let marker = "assay_test=\(UUID().uuidString)"

        private func run(_ modes: [String], memory: Int = 256) throws -> (results: [SampleResult], guests: Int) {
            let ended = GuestBench.run(modes, try GuestBench.unruly(memory: memory, append: Self.marker))
            #expect(GuestBench.processes(with: Self.marker) == [], "a QEMU is left")
            return ended
        }

        @Test func `a kernel that panics fails the sample that ran, and the rest goes on in a fresh guest`() throws {
            let (results, guests) = try run(["good", "panic", "good2"])
            #expect(results.map(\.verdict) == [.pass, .fail, .pass])
            #expect(results[1].reason == .crash && results[1].message.contains("sysrq triggered crash"))
            #expect(results[1].details.contains { $0.contains("Kernel panic - not syncing") })
            #expect(guests == 2)
        }

        @Test func `a kernel that hangs fails the sample that ran, and the rest goes on in a fresh guest`() throws {
            let (results, guests) = try run(["hang", "good"])
            #expect(results.map(\.verdict) == [.fail, .pass])
            #expect(results[0].reason == .timeout && results[0].message.contains("the guest hung"))
            #expect(guests == 2)
        }

        @Test func `a sample that takes too long is a timeout on a living guest`() throws {
            let (results, guests) = try run(["sleep", "good"])
            #expect(results.map(\.verdict) == [.fail, .pass] && results[0].reason == .timeout)
            #expect(results[0].message.contains("timed out after") && guests == 1)
        }

        @Test(arguments: [("power_off", "switched itself off"), ("reset", "reset itself")])
        func `a guest that ends early is missing, not passed and not failed`(mode: String, words: String) throws {
            let (results, guests) = try run([mode, "good"])
            #expect(results.map(\.verdict) == [.miss, .pass] && results[0].reason == .guestLost)
            #expect(results[0].message.contains(words) && guests == 2)
        }

        @Test func `a flood on the console, with panics and warnings in it, is nothing but text`() throws {
            let (results, guests) = try run(["flood", "good"])
            #expect(results.map(\.verdict) == [.pass, .pass] && guests == 1)
        }

        @Test func `a mark of a warning fails the sample that ran, though the log says nothing`() throws {
            let (results, guests) = try run(["taint", "good"])
            #expect(
                results.map(\.verdict) == [.fail, .pass] && results[0].reason == .splat && guests == 1,
                "\(results)"
            )
        }

        @Test func `a record that is forged from inside makes no result`() throws {
            let (results, guests) = try run(["forge", "good"])
            #expect(results.map(\.verdict) == [.error, .pass] && results[0].reason == .harness)
            #expect(results[0].message.contains("cannot be believed") && guests == 2)
        }

        @Test func `a sample that eats all memory says nothing about the kernel`() throws {
            let (results, _) = try run(["memory", "good"], memory: 160)
            #expect(results.map(\.verdict) == [.error, .pass] && results[0].reason == .harness, "\(results)")
            #expect(results[0].message.hasPrefix("out of memory: ") && results[0].message.contains("--memory"))
        }

        @Test func `a worker that dies or says nothing never passes`() throws {
            let (results, guests) = try run(["signal", "silent", "good"])
            #expect(results.map(\.verdict) == [.error, .error, .pass] && results[0].reason == .crash && guests == 1)
        }

        @Test func `a panic between two samples fails the one before it, or the one that has just begun`() throws {
            let (results, guests) = try run(["late_panic", "good"])
            #expect(results.count { $0.verdict == .fail && $0.reason == .crash } == 1, "\(results)")
            #expect(results.count { $0.verdict == .pass } == 1 && guests <= 2)
        }

        @Test func `a panic between two repetitions is no pass`() throws {
            let setup = try GuestBench.unruly(append: Self.marker)
            let ended = GuestBench.run(["panic_between"], setup, by: { $0.repetitions = 2 })
            #expect(GuestBench.processes(with: Self.marker) == [], "a QEMU is left")
            let result = try #require(ended.results.first)
            #expect(result.verdict == .fail && result.reason == .crash, "\(result)")
            // It panics in between, or when the second try has just begun; the table of verdicts has each of both.
            #expect(result.attempts.first?.verdict == .pass && result.message.contains("sysrq triggered crash"))
        }

        @Test func `a QEMU that is killed from outside is no fault of the kernel`() throws {
            let marker = Self.marker
            let ended = GuestBench.run(["sleep", "good"], try GuestBench.unruly(append: marker)) { event in
                guard case .sampleStarted(let cell) = event, cell.sample == "unruly/sleep" else { return }
                Thread.detachNewThread {
                    // The guest is up once its process has used some time; it sleeps eight seconds.
                    Thread.sleep(forTimeInterval: 1)
                    for pid in GuestBench.processes(with: marker) { kill(pid, SIGKILL) }
                }
            }
            // Killed while it starts or while it runs: in both the first sample gets a verdict, and no pass.
            #expect(ended.results.last?.verdict == .pass)
            #expect(ended.results.first?.verdict != .pass)
            #expect(GuestBench.processes(with: marker) == [])
        }

        /// The command waits 30 seconds for the first byte of each start.
        @Test func `a QEMU that starts and says nothing is ended, and no sample passes`() throws {
            let qemu = "\(NSTemporaryDirectory())/silent-qemu-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: qemu) }
            try "#!/bin/sh\nexec sleep 1000\n".write(toFile: qemu, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: qemu)
            var setup = try GuestBench.unruly(append: Self.marker)
            setup.program = qemu
            setup.limits.firstByte = .seconds(2)
            let (results, guests) = GuestBench.run(["good"], setup)
            #expect(results.map(\.verdict) == [.error] && results.map(\.reason) == [.bootFailed] && guests == 0)
            #expect(results.first?.message.contains("3 starts") == true, "\(results)")
            #expect(GuestBench.processes(with: Self.marker) == [], "a process is left")
        }

        @Test func `a kernel that does not start is retried that many times, and then reported`() throws {
            var setup = try GuestBench.unruly(append: "\(Self.marker) rdinit=/nothing init=/nothing")
            setup.bootRetries = 1
            let (results, guests) = GuestBench.run(["good", "good2"], setup)
            #expect(results.map(\.verdict) == [.error, .error] && results.map(\.reason) == [.bootFailed, .bootFailed])
            #expect(results[0].message.contains("panicked while it started") && results[0].message.contains("2 starts"))
            #expect(guests == 0)
        }
    }
}
