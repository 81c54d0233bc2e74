import Testing

@testable import LinuxHost

struct InterfaceTrafficTests {
    private let table = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo:     172       2    0    0    0     0          0         0      173       3    0    0    0     0       0          0
         ip6t0: 1234567890123 9 1 2 3 4 5 6 77 8 0 0 0 0 0 0
          ip6t:       1       2    0
        """

    @Test func `an interface's line is told from those of longer names, and read as the kernel writes it`() throws {
        let loopback = try #require(InterfaceTraffic(of: "lo", in: table))
        #expect(loopback.received == .init(packets: 2, bytes: 172) && loopback.sent == .init(packets: 3, bytes: 173))
        let tunnel = try #require(InterfaceTraffic(of: "ip6t0", in: table))
        #expect(tunnel.received.bytes == 1_234_567_890_123 && tunnel.sent == .init(packets: 8, bytes: 77))
    }

    @Test(arguments: ["ip6t", "face ", "l", "", "0"])
    func `what has no whole line is none`(name: String) {
        #expect(InterfaceTraffic(of: name, in: table) == nil)
    }
}
