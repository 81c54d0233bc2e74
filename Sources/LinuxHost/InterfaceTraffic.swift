import Glibc
import SystemPackage

/// What an interface has received and sent since it was made, as the kernel counts it.
public struct InterfaceTraffic: Sendable, Hashable {
    /// Packets and bytes received.
    public let received: Amount
    /// Packets and bytes sent.
    public let sent: Amount

    /// A number of packets, and of the bytes that they had together.
    public struct Amount: Sendable, Hashable {
        /// Packets.
        public let packets: Int64
        /// Bytes; for a tunnel device, those of the packets inside.
        public let bytes: Int64
    }

    /// Reads the counters of an interface of the calling thread's network namespace.
    ///
    /// - Throws: ``SystemCallError`` with `ENODEV` if there is no such interface.
    public init(of interface: Interface) throws(SystemCallError) {
        let path = "/proc/thread-self/net/dev"
        guard let found = Self(of: interface.name, in: try SmallFile.text(path)) else {
            throw SystemCallError("read(2)", on: "'\(path)' about \(interface.name)", errno: Errno(rawValue: ENODEV))
        }
        self = found
    }

    /// Reads a line `NAME: BYTES PACKETS` and six more numbers for what was received, and the same for what was sent
    /// (proc_pid_net(5)).
    init?(of name: String, in table: String) {
        for line in table.split(separator: "\n") {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2, halves[0].drop(while: { $0 == " " }) == name[...] else { continue }
            let numbers = halves[1].split(separator: " ").map { Int64($0) ?? -1 }
            guard numbers.count >= 16, !numbers.contains(-1) else { return nil }
            received = Amount(packets: numbers[1], bytes: numbers[0])
            sent = Amount(packets: numbers[9], bytes: numbers[8])
            return
        }
        return nil
    }
}
