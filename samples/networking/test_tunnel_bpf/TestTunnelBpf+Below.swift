import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension TestTunnelBpf {
    /// A frame that comes in at the device below the tunnels, whose program turns VXLAN to the host's first address.
    struct Below: Sendable {
        let title: String
        let frame: [UInt8]
        /// What the program lets in; `nil` for a frame that it drops.
        var result: [UInt8]?
        /// Whether the host takes it as VXLAN.
        var isUnpacked = false

        static let carried = Kind.vxlan.received(0).carried(by: .vxlan, isOutgoing: false)

        var outcome: Tallies {
            var all: Tallies = [:]
            if result != nil { all.add("let in: \(title)") }
            if isUnpacked { all.add("came out of the tunnel") }
            return all
        }

        /// No two of what is let in are alike.
        static func all(_ run: TunnelRun, _ ends: Ends = Ends()) -> [Below] {
            turned(run, ends) + untouched(run, ends)
        }

        /// The hardware addresses of the link that it comes by.
        struct Ends: Sendable {
            var far = TunnelAddress.peerHardware
            var own = TunnelAddress.deviceHardware

            func frame(_ packet: [UInt8], to target: HardwareAddress? = nil, type: UInt16 = 0x0800) -> [UInt8] {
                EthernetFrame.make(from: far, to: target ?? own, type: type, packet)
            }
        }

        private static func turned(_ run: TunnelRun, _ ends: Ends) -> [Below] {
            let first = { (source: UInt8, isSummed: Bool) in
                vxlan(run, source, to: TunnelAddress.near4, isSummed: isSummed)
            }
            let strange = IPv4Address(203, 0, 113, 77)
            let stranger = HardwareAddress(0x52, 0x54, 0, 0xd9, 3, 0)
            let optioned = { (target: IPv4Address) in
                EthernetFrame.ipv4(
                    from: TunnelAddress.sender4(run, 5),
                    to: target,
                    proto: 17,
                    // Where the program looks for the port.
                    options: [1, 1, 0x12, 0xb5],
                    EthernetFrame.udp(from: 4001, to: 9, TunneledPacket.filling(30))
                )
            }
            let later = { (target: IPv4Address) in
                EthernetFrame.ipv4(
                    from: TunnelAddress.sender4(run, 6),
                    to: target,
                    proto: 17,
                    fragment: 0x0010,
                    EthernetFrame.udp(from: 4001, to: 4789, TunneledPacket.filling(30))
                )
            }
            // The checksum of UDP is left as it was for the other address.
            var stale = vxlan(run, 7, to: TunnelAddress.second4, isSummed: true)
            stale.replaceSubrange(0..<20, with: first(7, true)[0..<20])
            return [
                Below(
                    title: "VXLAN for the second address",
                    frame: ends.frame(vxlan(run, 1, to: TunnelAddress.second4)),
                    result: ends.frame(first(1, false)),
                    isUnpacked: true
                ),
                Below(
                    title: "VXLAN for a strange address",
                    frame: ends.frame(vxlan(run, 2, to: strange)),
                    result: ends.frame(first(2, false)),
                    isUnpacked: true
                ),
                Below(
                    title: "VXLAN for another host",
                    frame: ends.frame(vxlan(run, 3, to: strange), to: stranger),
                    result: ends.frame(first(3, false), to: stranger),
                    isUnpacked: true
                ),
                Below(
                    title: "VXLAN behind an option",
                    frame: ends.frame(optioned(TunnelAddress.second4)),
                    result: ends.frame(optioned(TunnelAddress.near4))
                ),
                Below(
                    title: "a later fragment like VXLAN",
                    frame: ends.frame(later(TunnelAddress.second4)),
                    result: ends.frame(later(TunnelAddress.near4))
                ),
                Below(
                    title: "VXLAN with a checksum",
                    frame: ends.frame(vxlan(run, 7, to: TunnelAddress.second4, isSummed: true)),
                    result: ends.frame(stale)
                ),
            ]
        }

        private static func untouched(_ run: TunnelRun, _ ends: Ends) -> [Below] {
            let packet = { (number: UInt8, proto: UInt8, port: UInt16) in
                EthernetFrame.ipv4(
                    from: TunnelAddress.sender4(run, number),
                    to: TunnelAddress.second4,
                    proto: proto,
                    EthernetFrame.udp(from: 4001, to: port, TunneledPacket.filling(30))
                )
            }
            let six = EthernetFrame.ipv6(
                from: TunnelAddress.sender6(run, 17).bytes,
                to: TunnelAddress.v6(0x99).bytes,
                next: 17,
                EthernetFrame.udp(from: 4001, to: 4789, TunneledPacket.filling(30))
            )
            let same = [
                ("VXLAN for the first address", ends.frame(vxlan(run, 11, to: TunnelAddress.near4))),
                ("port 4788", ends.frame(packet(12, 17, 4788))), ("port 4790", ends.frame(packet(13, 17, 4790))),
                ("port 46354", ends.frame(packet(14, 17, 0xb512))), ("protocol 16", ends.frame(packet(15, 16, 4789))),
                ("protocol 18", ends.frame(packet(16, 18, 4789))), ("IPv6", ends.frame(six, type: 0x86dd)),
                ("a frame of another type", ends.frame(vxlan(run, 18, to: TunnelAddress.second4), type: 0x88b5)),
                (
                    "a header of IPv4 alone",
                    ends.frame(
                        EthernetFrame.ipv4(
                            from: TunnelAddress.sender4(run, 19),
                            to: TunnelAddress.second4,
                            proto: 253,
                            []
                        )
                    )
                ),
            ]
            return same.map { Below(title: $0.0, frame: $0.1, result: $0.1, isUnpacked: $0.0 == same[0].0) } + [
                Below(title: "19 bytes of IPv4", frame: Array(ends.frame(packet(20, 253, 9)).prefix(33))),
                Below(title: "7 bytes of UDP", frame: Array(ends.frame(packet(21, 17, 4789)).prefix(41))),
            ]
        }

        private static func vxlan(
            _ run: TunnelRun,
            _ number: UInt8,
            to target: IPv4Address,
            isSummed: Bool = false
        ) -> [UInt8] {
            TunnelHeaders(
                from: .v4(TunnelAddress.sender4(run, number)),
                to: .v4(target),
                ports: (4001, 4789),
                isSummed: isSummed,
                TunnelHeaders.vxlan(network: 9, policy: 0xff)
            ).packet(around: carried)
        }
    }
}

extension TestTunnelBpf {
    /// Has frames come in at the device below the tunnels.
    func below(on bench: TunnelBench<Kind>, in arena: borrowing Arena) throws -> Tallies {
        let port = try bench.network.interface(TunnelHost.near.rawValue, TunnelHost.port)
        try bench.attach("veth_set_outer_dst", to: port, at: .ingress, of: .near)
        // Behind the program, unlike a socket for every type.
        let types: [UInt16] = [0x0800, 0x86dd, 0x88b5]
        let eyes = try types.map { type in
            TunnelEye(try bench.network.inside(TunnelHost.near.rawValue) { try PacketSocket(on: port, type: type) })
        }
        let all = Below.all(bench.run, Below.Ends(far: bench.farHardware(.near), own: bench.hardware(.near)))
        let far = try bench.far(.near)
        let rounds = try bench.onEachProcessor(in: arena) { for one in all { try far.socket.send(one.frame) } }
        let titles = Dictionary(all.compactMap { one in one.result.map { ($0, one.title) } }) { first, _ in first }
        let deadline = Deadline(after: answerTime)
        let wanted = { (frame: PacketSocket.Frame) in !frame.isOutgoing && frame.bytes[0] & 1 == 0 }
        var found: Tallies = [:]
        for (eye, type) in zip(eyes, types) {
            let count = all.count { $0.result.map { Array($0[12..<14]) } == EthernetFrame.big(type) } * rounds
            for frame in try eye.socket.frames(atLeast: count, until: deadline, where: wanted) where wanted(frame) {
                found.add("let in: \(titles[frame.bytes] ?? PacketForm.frame(frame.bytes))")
            }
        }
        let unpacked = all.count(where: \.isUnpacked) * rounds
        let device = try bench.eye(.vxlan)
        for frame in try device.socket.frames(atLeast: unpacked, until: deadline) where !frame.isOutgoing {
            let isSame = frame.bytes == Below.carried
            found.add("came out of the tunnel\(isSame ? "" : ": \(PacketForm.frame(frame.bytes))")")
        }
        try bench.detach("veth_set_outer_dst", from: port, at: .ingress, of: .near)
        // What the host answers to strangers is no part of it.
        _ = try far.socket.frames()
        return found
    }
}
