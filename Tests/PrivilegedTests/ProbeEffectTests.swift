import Glibc
import LibBPF
import LinuxHost
import Synchronization
import Testing

@testable import BPFProbe

extension HostTests {
    /// The program that refuses one thread an mprotect(2), run where it cannot refuse anything: as a raw tracepoint's.
    struct ProbeEffectTests {
        private func verdict(of thread: UInt64) throws -> Int32 {
            let loaded = RawProgram(type: 17).load(LSMEffect.refusal(of: thread), log: VerifierLog())
            guard let program = loaded.descriptor() else { throw NotLoaded() }
            return Int32(bitPattern: try #require(RawProgram.testRun(program.number)))
        }

        private struct NotLoaded: Error {}

        @Test func `the program refuses its own thread and nobody else`() throws {
            let own = try #require(CurrentThread.kernelIdentity())
            #expect(try verdict(of: own) == -EPERM)
            #expect(try verdict(of: own ^ 1) == 0)
            #expect(try verdict(of: own ^ 1 << 32) == 0)
            let other = Mutex<Int32?>(nil)
            WorkThread {
                let found = try? self.verdict(of: own)
                other.withLock { $0 = found }
            }.join()
            #expect(other.withLock { $0 } == 0)
        }

        @Test func `a page of our own can be protected without a program`() throws {
            guard let page = OwnPage() else { throw NotLoaded() }
            #expect(page.protect() == nil)
        }
    }
}
