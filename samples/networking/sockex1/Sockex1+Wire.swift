import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension Sockex1 {
    /// Frames by hand, for what no kernel sends by itself.
    enum Wire {
        /// A frame that goes out through the interface, and its number of bytes.
        struct Probe {
            let proto: UInt8
            let size: Int
            var type: UInt16 = 0x0800

            /// The program looks at byte 23 of whatever frame; its neighbours are protocols that nothing has.
            var bytes: [UInt8] {
                Wire.frame(to: EthernetFrame.receiver, size: size, type: type, proto: proto)
            }
        }

        /// A frame of 23 bytes has no byte 23: the program ends where it reads it, and counts nothing.
        static let outgoing: [Probe] = [
            Probe(proto: 99, size: 23), Probe(proto: 0, size: 24), Probe(proto: 1, size: 60), Probe(proto: 2, size: 98),
            Probe(proto: 6, size: 61, type: 0x88b6), Probe(proto: 17, size: 600), Probe(proto: 17, size: 1514),
            Probe(proto: 63, size: 255), Probe(proto: 64, size: 256), Probe(proto: 127, size: 1000),
            Probe(proto: 128, size: 1001), Probe(proto: 129, size: 4097, type: 0x86dd), Probe(proto: 200, size: 9014),
            Probe(proto: 254, size: 70), Probe(proto: 255, size: 71),
        ]

        /// Frames that come in, for this host, for another one, for a group and for all.
        ///
        /// None must count.
        static let incoming: [[UInt8]] = [
            frame(to: HardwareAddress(local: 1), size: 301, proto: 17),
            frame(to: EthernetFrame.receiver, size: 302, proto: 1),
            frame(to: HardwareAddress(1, 0, 0x5e, 0, 0, 9), size: 303, proto: 6),
            frame(to: HardwareAddress(255, 255, 255, 255, 255, 255), size: 304, proto: 2),
        ]

        /// What one round counts, in bytes by protocol: written out, so that the oracle does not depend on a sum.
        static let wanted: [Int: UInt64] = [
            0: 24, 1: 60, 2: 98, 6: 61, 17: 2114, 63: 255, 64: 256, 127: 1000, 128: 1001, 129: 4097, 200: 9014, 254: 70,
            255: 71,
        ]

        /// One short of 2^32, so that a counter of 32 bits or less loses what it counted.
        static let start: UInt64 = 1 << 32 - 1
        /// How many frames each of several senders sends, and the bytes of each.
        static let crowdedFrames = 4000
        static let crowdedBytes = 60

        static func frame(to receiver: HardwareAddress, size: Int, type: UInt16 = 0x0800, proto: UInt8) -> [UInt8] {
            var payload = (0..<size - 14).map { UInt8(140 + $0 % 50) }
            if size > 23 { payload[9] = proto }
            return EthernetFrame.make(from: EthernetFrame.sender, to: receiver, type: type, payload)
        }
    }

    func observeWire(_ seen: inout Observation, on pair: VethPair, in arena: borrowing Arena) throws {
        let object = try arena.loadObject()
        let counts = try object.map("my_map")
        for index in 0..<counts.capacity { try counts.update(index, Wire.start) }
        // A socket that was opened later is given a frame earlier: what this one has seen the program has dealt with.
        let tap = try PacketSocket(on: pair.near)
        let filtered = try PacketSocket(on: pair.near)
        try object.program("bpf_prog1").attachFilter(to: filtered.descriptor)
        let near = try PacketSocket(on: pair.near)
        let far = try PacketSocket(on: pair.far)
        var rounds = 0
        try arena.stimulate {
            for processor in try SenderProcessors.available() {
                rounds += 1
                try Processors.pinned(to: processor) {
                    for probe in Wire.outgoing { try near.send(probe.bytes) }
                    for bytes in Wire.incoming { try far.send(bytes) }
                    SenderProcessors.settle()
                }
            }
        }
        seen.rounds = rounds
        let wanted = rounds * Wire.incoming.count
        seen.incoming = try tap.frames(atLeast: wanted, where: { !$0.isOutgoing }).count { !$0.isOutgoing }
        seen.wire = try Self.counted(object, from: Wire.start)
        seen.accepted += try filtered.frames().count
    }

    /// The program adds to a counter that all processors share.
    func observeCrowd(_ seen: inout Observation, on pair: VethPair, in arena: borrowing Arena) throws {
        let object = try arena.loadObject()
        let filtered = try PacketSocket(on: pair.near)
        try object.program("bpf_prog1").attachFilter(to: filtered.descriptor)
        let near = pair.near
        let frame = Wire.frame(to: EthernetFrame.receiver, size: Wire.crowdedBytes, proto: 17)
        var crowd = 0
        try arena.stimulate {
            crowd = try Crowd.run(on: try SenderProcessors.available()) {
                let sender = try PacketSocket(on: near)
                return { for _ in 0..<Wire.crowdedFrames { try sender.send(frame) } }
            }
        }
        seen.crowd = crowd
        seen.crowded = try Self.counted(object, from: 0).values.reduce(0, &+)
        seen.accepted += try filtered.frames().count
    }
}
