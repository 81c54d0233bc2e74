import Glibc
import LibBPF
import LinuxHost
import RunModel
import Synchronization
import Testing

@testable import BPFProbe

extension HostTests {
    /// The program that refuses one thread an mprotect(2), run where it cannot refuse anything: as a raw tracepoint's.
    struct ProbeEffectTests {
        private func verdict(of thread: UInt64) throws -> Int32 {
            let loaded = RawProgram(type: .rawTracepoint).load(LSMEffect.refusal(of: thread), log: VerifierLog())
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

        @Test func `where a kernel has no links the legacy ways are taken, and detach`() throws {
            let before = try HostCensus()
            let knowledge = TypeProbe.learn(privileges: .current(), targets: AttachTargets())
            let all = Mutex(AttachProbe.Findings())
            for lane in AttachPoint.Lane.allCases {
                WorkThread {
                    var probe = AttachProbe(TypeProbe(knowing: knowledge), lane, believing: .absent)
                    let findings = probe.run()
                    all.withLock { $0.merge(findings) }
                }.join()
            }
            let found = all.withLock { $0 }
            let real = KernelProbe.run(parts: [.attachPoints]).attachPoints
            var compared = 0
            for (point, asked) in zip(AttachPoint.all, real) {
                guard case .link(_, _, .some) = point.way, let old = found.points[point.name] else { continue }
                compared += 1
                // What has a way without links answers the same, and its link is not there.
                #expect(old.attach.word == asked.answer.word, "\(point.name): \(old.attach), \(asked.answer)")
                #expect((old.link ?? old.attach).word != .supported, "\(point.name)")
            }
            #expect(compared > 35)
            _ = try Deadline(after: .seconds(5)).poll(everyMilliseconds: 10) {
                try HostCensus().surplus(over: before).isEmpty
            }
            #expect(try HostCensus().surplus(over: before) == [])
        }

        @Test func `a page of our own can be protected without a program`() throws {
            guard let page = OwnPage() else { throw NotLoaded() }
            #expect(page.protect() == nil)
        }
    }
}
