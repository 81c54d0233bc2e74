import LinuxHost
import SystemPackage
import Testing

@testable import SampleLab

extension HostTests {
    /// What tells a stimulus of TCP that a timer took part in it, or that not all was sent.
    struct TCPTroubleTests {
        private static let loopback = InternetAddress.v4(.loopback)
        private static let route = TCPRoute(from: loopback, to: loopback, port: 50_000)

        private func inNamespace<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
            try WorkThread.run {
                let namespace = try NetworkNamespace()
                return try namespace.perform {
                    try TCPFlow.prepare()
                    return try body()
                }
            }
        }

        @Test func `a timer of TCP that strikes is counted, and none where all is answered`() throws {
            let (answered, unanswered) = try inNamespace {
                let flow = try TCPFlow(Self.route)
                try flow.passSegment()
                let before = try ProtocolCounters.timeouts()
                let listener = try TCPListener(TCPRoute(from: Self.loopback, to: Self.loopback, port: 50_001))
                return try withExtendedLifetime(listener) {
                    let deaf = try TCPFlow.deaf(to: listener)
                    // A SYN is sent again after a second.
                    let isCounted = try Deadline(after: .seconds(10)).poll(everyMilliseconds: 10) {
                        try ProtocolCounters.timeouts() > before
                    }
                    _ = try deaf.port()
                    return (before, isCounted)
                }
            }
            #expect(answered == 0)
            #expect(unanswered)
        }

        @Test func `bytes that the sender has no room for are an error, and fit once it has`() throws {
            let (refusal, arrived) = try inNamespace {
                let flow = try TCPFlow(Self.route)
                var refusal: SystemCallError?
                // More than a connection has room for that has sent nothing yet.
                do { try flow.sendNow(8 << 20) } catch let error as SystemCallError { refusal = error }
                let second = try TCPFlow(TCPRoute(from: Self.loopback, to: Self.loopback, port: 50_001))
                try second.makeRoom(32 << 20)
                try second.sendNow(1 << 20)
                try second.receive(1 << 20)
                return (refusal, true)
            }
            #expect(refusal?.errno == .noBufferSpace)
            #expect(arrived)
        }
    }
}
