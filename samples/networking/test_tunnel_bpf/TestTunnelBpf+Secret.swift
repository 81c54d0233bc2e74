import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension TestTunnelBpf {
    /// A packet that comes in a tunnel of ESP, or does not.
    struct Secret: Sendable {
        let title: String
        /// From its IP header on.
        let packet: [UInt8]
        /// The association that it came by, and what it carries.
        var inside: (association: TransformSocket.Association, packet: [UInt8])?

        var outcome: [String] {
            guard let (association, _) = inside else { return ["let in: \(title)"] }
            return ["let in: \(title)", "let in: what \(title) carries", Self.read(association)]
        }

        /// What the program reads of an association, in its own words.
        static func read(_ association: TransformSocket.Association) -> String {
            let texts = [association.number, association.source.number].map { String($0, radix: 16) }
            return "reqid \(association.request) spi 0x\(texts[0]) remote ip 0x\(texts[1])"
        }

        /// The associations that the host knows.
        static func associations(_ run: TunnelRun) -> [TransformSocket.Association] {
            [(UInt8(31), UInt32(1)), (32, 0x8002)].map { number, low in
                .init(
                    from: TunnelAddress.sender4(run, number),
                    to: TunnelAddress.near4,
                    number: UInt32(run.mark) << 16 | low,
                    request: UInt32(run.mark) << 8 | UInt32(number)
                )
            }
        }

        static func all(_ run: TunnelRun) -> [Secret] {
            let known = associations(run)
            var stranger = known[0]
            stranger.number += 2
            let packets = known.enumerated().map { index, association in
                let inner = Kind.gre.received(index + 10).bytes
                return Secret(
                    title: "ESP by association \(index + 1)",
                    packet: esp(association, around: inner),
                    inside: (association, inner)
                )
            }
            let plain = EthernetFrame.ipv4(
                from: TunnelAddress.sender4(run, 31),
                to: TunnelAddress.near4,
                proto: 253,
                TunneledPacket.filling(30)
            )
            return packets + [
                Secret(title: "ESP of nobody", packet: esp(stranger, around: Kind.gre.received(12).bytes)),
                Secret(title: "no ESP", packet: plain),
            ]
        }

        private static func esp(_ association: TransformSocket.Association, around inner: [UInt8]) -> [UInt8] {
            EthernetFrame.ipv4(
                from: association.source,
                to: association.target,
                proto: 50,
                association.payload(around: inner, count: 1)
            )
        }
    }
}

extension TestTunnelBpf {
    /// Tells the host what it may take in ESP.
    static func addAssociations(on bench: TunnelBench<Kind>) throws {
        let known = Secret.associations(bench.run)
        try bench.network.inside(TunnelHost.near.rawValue) {
            var transforms = try TransformSocket()
            for association in known { try transforms.add(association) }
        }
    }

    /// Has packets come in ESP one after another, for some objects only keep what they read last.
    func decrypted(on bench: TunnelBench<Kind>, in arena: borrowing Arena) throws -> Tallies {
        let port = try bench.network.interface(TunnelHost.near.rawValue, TunnelHost.port)
        try bench.attach("xfrm_get_state", to: port, at: .ingress, of: .near)
        // What it carries comes in at the device a second time, and is seen behind the program.
        let eye = TunnelEye(
            try bench.network.inside(TunnelHost.near.rawValue) { try PacketSocket(on: port, type: 0x0800) }
        )
        let far = try bench.far(.near)
        let keeps = bench.object.hasGlobal("xfrm_reqid")
        let frame = { (packet: [UInt8]) in
            EthernetFrame.make(from: bench.farHardware(.near), to: bench.hardware(.near), type: 0x0800, packet)
        }
        var found: Tallies = [:]
        let deadline = Deadline(after: answerTime)
        let rounds = try bench.onEachProcessor(in: arena) {
            for secret in Secret.all(bench.run) {
                try far.socket.send(frame(secret.packet))
                var titles = [frame(secret.packet): secret.title]
                if let inside = secret.inside { titles[frame(inside.packet)] = "what \(secret.title) carries" }
                for seen in try eye.socket.frames(atLeast: titles.count, until: deadline) {
                    found.add("let in: \(titles[seen.bytes] ?? PacketForm.frame(seen.bytes))")
                }
                if keeps, let kept = try Self.takeKept(of: bench.object) { found.add(kept) }
            }
        }
        if !keeps {
            let names = Secret.all(bench.run).compactMap(\.inside).map {
                ("printed: \(Secret.read($0.association))", rounds)
            }
            let wanted = Tallies(Dictionary(names) { first, _ in first })
            for (line, count) in try bench.printed(wanted, Deadline(after: answerTime)).counts {
                found.add(String(line.dropFirst("printed: ".count)), count)
            }
        }
        try bench.detach("xfrm_get_state", from: port, at: .ingress, of: .near)
        _ = try far.socket.frames()
        return found
    }

    /// What the program keeps of the association that it read last, which is then forgotten.
    private static func takeKept(of object: borrowing LoadedObject) throws -> String? {
        let names = ["xfrm_reqid", "xfrm_spi", "xfrm_remote_ip"]
        let values = try names.map { try object.global($0, as: UInt32.self) }
        if values == [0, 0, 0] { return nil }
        for name in names { try object.setGlobal(name, to: UInt32(0)) }
        let texts = values.map { String($0, radix: 16) }
        return "reqid \(Int32(bitPattern: values[0])) spi 0x\(texts[1]) remote ip 0x\(texts[2])"
    }
}
