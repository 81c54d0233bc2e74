import Glibc
import LinuxHost
import Testing

@testable import TracingSamples

/// Connections that arrive later than connect(2) returns, as on a busy processor.
@Suite struct CallerTests {
    @Test func `a connection that is late is waited for`() throws {
        let (wanted, other) = (try Server(), try Server())
        let address = wanted.address
        let client = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        defer { close(client) }
        let late = WorkThread {
            _ = poll(nil, 0, 100)
            _ = Server.with(address) { connect(client, $0, $1) }
            send(client, [0x5a], 1, CInt(MSG_NOSIGNAL))
        }
        defer { late.join() }
        Server.waitForConnection(to: [other, wanted])
        #expect(try wanted.takesByte())
        #expect(try !other.takesByte())
    }
}
