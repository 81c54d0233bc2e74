import CLibbpf
import Foundation
import Glibc
import LibBPF
import LinuxHost
import Synchronization
import SystemPackage
import Testing

extension HostTests {
    /// A trace buffer of our own, which bpf_trace_printk() writes to.
    struct TraceInstanceTests {
        /// Runs something on a thread that alone sees a tracefs, as a worker does.
        private func withTracing(_ body: @escaping @Sendable (TraceFilesystem) throws -> Void) throws {
            let failure = Mutex<(any Error)?>(nil)
            WorkThread {
                do {
                    try PrivateMounts.enter()
                    try PrivateMounts.mount("tmpfs", on: "/mnt")
                    try PrivateMounts.makeDirectory("/mnt/tracing")
                    try PrivateMounts.mount("tracefs", on: "/mnt/tracing")
                    try body(TraceFilesystem(path: "/mnt/tracing"))
                } catch {
                    failure.withLock { $0 = error }
                }
            }.join()
            if let error = failure.withLock({ $0 }) { throw error }
        }

        private struct NotLoaded: Error {}

        /// A program that prints `hi`.
        private static let printer = [
            // *(r10 - 8) = "hi\0"
            Instruction(code: 0x7a, destination: 10, offset: -8, immediate: 0x6968),
            Instruction(code: 0xbf, destination: 1, source: 10), Instruction(code: 0x07, destination: 1, immediate: -8),
            Instruction(code: 0xb7, destination: 2, immediate: 3),
            Instruction(code: 0x85, immediate: Int32(BPF_FUNC_trace_printk.rawValue)),
            Instruction(code: 0xb7, destination: 0), Instruction(code: 0x95),
        ]

        private static func make(
            _ tracing: TraceFilesystem,
            event: String = "bpf_trace_printk",
            wait: Duration = .seconds(5)
        ) throws(SystemCallError) -> TraceInstance {
            try TraceInstance(in: tracing, event: event, of: "bpf_trace", deadline: Deadline(after: wait))
        }

        @Test func `what a program prints is read from it, and nothing is left`() throws {
            try withTracing { tracing in
                let loaded = RawProgram(type: 17).load(Self.printer, log: VerifierLog())
                guard let owner = loaded.descriptor() else { throw NotLoaded() }
                let program = owner.number
                do {
                    let trace = try Self.make(tracing)
                    #expect(try trace.lines() == [])
                    for _ in 0..<3 { _ = RawProgram.testRun(program) }
                    let lines = try trace.lines()
                    #expect(lines.map(\.text) == ["hi", "hi", "hi"])
                    #expect(lines.allSatisfy { $0.event == "bpf_trace_printk" })
                    #expect(try trace.lines() == [])
                }
                #expect(access("\(tracing.path)/instances/bpf-assay", F_OK) != 0)
                _ = consume owner
            }
        }

        @Test func `there is one at a time, and what a dead process left is removed`() throws {
            try withTracing { tracing in
                let path = "\(tracing.path)/instances/bpf-assay"
                do {
                    let first = try Self.make(tracing)
                    #expect(throws: SystemCallError.self) { _ = try Self.make(tracing, wait: .milliseconds(50)) }
                    #expect(TraceInstance.sweep() == nil && access(path, F_OK) == 0)
                    _ = try first.lines()
                }
                #expect(mkdir(path, 0o700) == 0)
                #expect(TraceInstance.sweep() != nil && access(path, F_OK) != 0)
                #expect(mkdir(path, 0o700) == 0)
                do { _ = try Self.make(tracing) }
                #expect(access(path, F_OK) != 0)
            }
        }

        @Test func `an event that the kernel does not have leaves nothing`() throws {
            try withTracing { tracing in
                #expect(throws: SystemCallError.self) { _ = try Self.make(tracing, event: "no_such_event") }
                #expect(access("\(tracing.path)/instances/bpf-assay", F_OK) != 0)
                _ = try Self.make(tracing)
            }
        }
    }
}
