import CLibbpf
import CLinux
import Foundation
import Glibc
import LibBPF
import LinuxHost
import Testing

extension HostTests {
    /// What programs print, recorded as it is printed.
    struct PrintRecorderTests {
        private struct NotLoaded: Error {}

        /// A program that prints two letters and a line feed.
        private static func printer(_ letters: String) -> [Instruction] {
            let text = "\(letters)\n".utf8.reversed().reduce(Int32(0)) { $0 << 8 | Int32($1) }
            return [
                .store(text, at: .r10, -8),
                .move(.r1, .r10),
                .add(.r1, -8),
                .move(.r2, Int32(letters.utf8.count) + 2),
                .call(.tracePrint),
                .move(.r0, 0), .exit,
            ]
        }

        /// Prints some times, by a raw tracepoint program that is run where it is called.
        private static func say(_ letters: String, times: Int) throws {
            let loaded = RawProgram(type: .rawTracepoint).load(printer(letters), log: VerifierLog())
            guard let owner = loaded.descriptor() else { throw NotLoaded() }
            for _ in 0..<times { _ = RawProgram.testRun(owner.number) }
        }

        private func own(_ recording: PrintRecorder.Recording) -> [String] {
            let thread = lx_gettid()
            return recording.lines.filter { $0.thread == thread }.map(\.text)
        }

        @Test func `lines come with their thread and task, each once, until the end`() throws {
            try Self.say("no", times: 1)
            let recorder = try PrintRecorder()
            let other = try PrintRecorder()
            #expect(own(try recorder.take()) == [])
            try Self.say("hi", times: 3)
            let first = try recorder.take()
            #expect(own(first) == ["hi", "hi", "hi"] && !first.isTorn)
            let task = try SmallFile.text("/proc/thread-self/comm").split(separator: "\n").first.map(String.init)
            #expect(first.lines.filter { $0.thread == lx_gettid() }.allSatisfy { $0.task == task })
            try Self.say("yo", times: 1)
            #expect(own(try recorder.finish()) == ["yo"])
            // Two beside each other take nothing away from each other.
            #expect(own(try other.finish()) == ["hi", "hi", "hi", "yo"])
        }

        @Test func `a buffer that fills up is said to be torn`() throws {
            let recorder = try PrintRecorder(capacity: 4096)
            try Self.say("hi", times: 40)
            #expect(try recorder.finish().isTorn)
        }
    }
}
