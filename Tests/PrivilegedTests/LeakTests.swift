import CLibbpf
import Foundation
import Glibc
import LibBPF
import LinuxHost
import RunModel
import SampleWorker
import Testing
import WorkerWire

extension HostTests {
    /// BPF objects that outlive the worker that says it made them, and whose fault that is.
    struct LeakTests {
        private struct NotMade: Error {}

        /// A program that does nothing, which lives as long as something refers to it.
        private static func program() throws -> (descriptor: CInt, id: UInt32) {
            let code = [
                bpf_insn(code: 0xb7, dst_reg: 0, src_reg: 0, off: 0, imm: 0),
                bpf_insn(code: 0x95, dst_reg: 0, src_reg: 0, off: 0, imm: 0),
            ]
            let descriptor = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "leaked", "GPL", code, code.count, nil)
            var info = bpf_prog_info()
            var size = UInt32(MemoryLayout<bpf_prog_info>.size)
            guard descriptor >= 0, bpf_obj_get_info_by_fd(descriptor, &info, &size) == 0 else { throw NotMade() }
            return (descriptor, info.id)
        }

        /// What becomes of a worker that says that it made a program; `reference` makes what its leak is compared with.
        private static func outcome(
            sayingItMade id: UInt32,
            reference: String = TestBench.worker,
            _ script: String = ":"
        ) async throws -> WorkerOutcome {
            let frame = WorkerFrame.made(kind: "program", id: id).json.text
            let group = try ControlGroup.own().child("bpf-assay-leak-\(getpid())-\(id)")
            return try await withCheckedThrowingContinuation { continuation in
                _ = WorkThread {
                    var settings = WorkerProcess.Settings(executable: "/bin/sh")
                    settings.reference = reference
                    settings.reclaimTime = .milliseconds(400)
                    let arguments = ["sh", "-c", "\(script); echo '\(frame)' >&3"]
                    continuation.resume(
                        with: Result {
                            try WorkerProcess.run(arguments: arguments, settings, in: group, timeout: .seconds(5))
                        }
                    )
                }
            }
        }

        @Test func `what a living process holds is its leak, and it is named`() async throws {
            let (descriptor, id) = try Self.program()
            defer { close(descriptor) }
            let outcome = try await Self.outcome(sayingItMade: id)
            let custody = try #require(outcome.custody)
            #expect(outcome.leaks == [SampleResult.Leak(kind: "program", subject: "\(id)")] && !custody.isKernels)
            #expect(custody.doubts.contains { $0.hasPrefix("process \(getpid()) (") && $0.hasSuffix("prog_id: \(id)") })
        }

        /// The kernel that keeps a program is played by a socket that has it as its filter, which no descriptor shows.
        @Test func `what nothing is seen to hold is the kernel's to answer for`() async throws {
            let (descriptor, id) = try Self.program()
            let socket = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
            defer { close(socket) }
            var filter = descriptor
            #expect(setsockopt(socket, SOL_SOCKET, SO_ATTACH_BPF, &filter, 4) == 0)
            close(descriptor)
            let outcome = try await Self.outcome(sayingItMade: id)
            let custody = try #require(outcome.custody)
            #expect(outcome.leaks.count == 1 && custody.isKernels, "\(custody.doubts)")
            #expect(
                custody.evidence.contains { $0.contains("gave up in the same way are gone") },
                "\(custody.evidence)"
            )
            // Without anything to compare it with, nobody can say so.
            let other = try await Self.outcome(sayingItMade: id, reference: "/bin/false")
            #expect(other.custody?.isKernels == false)
        }

        @Test func `what was pinned meanwhile is no fault of the kernel`() async throws {
            let (descriptor, id) = try Self.program()
            let folder = "/run/bpf-assay-test-pins-\(getpid())"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { rmdir(folder) }
            try #require(mount("none", folder, "bpf", 0, nil) == 0)
            defer { umount2(folder, CInt(MNT_DETACH)) }
            try #require(bpf_obj_pin(descriptor, "\(folder)/pin") == 0)
            close(descriptor)
            let doubts = try await Self.outcome(sayingItMade: id).custody?.doubts ?? []
            #expect(doubts.contains("'\(folder)/pin' was pinned meanwhile"))
        }

        @Test func `what is gone with its worker is no leak`() async throws {
            let (descriptor, id) = try Self.program()
            close(descriptor)
            let outcome = try await Self.outcome(sayingItMade: id)
            #expect(outcome.leaks == [] && outcome.custody == nil)
        }
    }
}
