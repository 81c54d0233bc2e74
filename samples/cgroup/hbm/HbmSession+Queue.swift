import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// A packet that a queueing discipline keeps until it may leave (`fq`).
struct HbmDelay: Codable, Hashable {
    var before = HbmQueue()
    /// When the program looked at its clock.
    var clock = 0
    /// When the interface was told to let it leave, in nanoseconds.
    var departure = 0
    /// When it was seen at the other end; 0 if it never was.
    var arrival = 0
}

extension HbmSession {
    /// How far ahead packets are sent that shall be kept so long: far beyond what any way over a veth takes.
    static let keptLead = 30_000_000
    static let keptSettings = HbmSettings(rate: 1000)
    static let keptPackets = SocketKind.Family.allCases.map { HbmPacket($0, isTCP: true, ecn: 2, length: 400) }

    /// Sends packets that may leave later only, by an interface that heeds it.
    ///
    /// - Returns: What became of them; `nil` where the kernel has no such queueing discipline.
    func delays() throws -> [HbmDelay]? {
        let interface = try bench.network.interface("near", "eth0")
        do {
            try bench.network.configure("near") { try $0.addRootQueue("fq", to: interface) }
        } catch let error as SystemCallError where ["ENOENT", "EOPNOTSUPP"].contains(error.errno.symbol) {
            return nil
        }
        let found = try Self.keptPackets.map { packet in
            try ask(Self.keptSettings)
            try bench.forgetDeparture()
            try set(.ahead(Self.keptLead...Self.keptLead), Self.keptSettings)
            var delay = HbmDelay(before: try queue())
            _ = try bench.send(packet, at: .inside, by: .wire)
            (delay.clock, delay.departure) = (try counted().last, try bench.departure())
            delay.arrival = try bench.awaitNext() ?? 0
            return delay
        }
        try bench.network.configure("near") { try $0.removeRootQueue(from: interface) }
        return found
    }
}
