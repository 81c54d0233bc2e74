import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension XdpTxIptunnel {
    /// A pair of devices, and what the program does to what comes in at one of them.
    final class Bench {
        /// The largest packet on the link where the object takes frames in several buffers.
        static let width = 9000

        let takesFragments: Bool
        private let object: LoadedObject
        private let pair: VethPair
        private let frames: [Frame]
        /// Whether something was missing in a step: what is broken is not waited for again.
        private var isBroken = false

        init(_ arena: borrowing Arena) throws {
            let object = try arena.loadObject()
            // The section's name before Linux 5.18.
            takesFragments = try object.program("_xdp_tx_iptunnel").section != "xdp_tx_iptunnel"
            self.object = object
            pair = try VethPair(shape: RouteSocket.VethShape(mtu: takesFragments ? UInt32(Self.width) : nil))
            frames = Frame.all(takesFragments)
        }

        /// Sends all frames past the program, and says what became of them and what was counted.
        func expose(to step: Step, in arena: borrowing Arena) throws -> Tallies {
            let program = try object.program("_xdp_tx_iptunnel")
            let counts = try object.map("rxcnt")
            for index in 0..<counts.capacity { try counts.updatePerCPU(index, step.start) }
            var all = try fill(try object.map("vip2tnl"))
            let answered = frames.count { $0.answer != nil }
            var sent = 0
            var rank = 0
            let seen = try pair.expose(to: program, step.mode, in: arena) { socket, _ in
                rank += 1
                // A pass at a time: a veth's queue holds 256 frames.
                for _ in 0..<rank where !isBroken {
                    for frame in frames { try socket.send(frame.bytes) }
                    sent += answered
                    let isCounted = try Deadline(after: answerTime).poll(everyMilliseconds: 1) {
                        try counts.growth(from: step.start).values.reduce(0) { $1.values.reduce($0, &+) } >= sent
                    }
                    if !isCounted { isBroken = true }
                }
                return !isBroken
            }
            let grown = try counts.growth(from: step.start)
            let processors = (grown.keys.max() ?? -1) + 1
            let protocols = Set(grown.values.flatMap(\.keys)).map { index in
                ("protocol \(index)", (0..<processors).map { grown[$0]?[index] ?? 0 })
            }
            all = all + (try SenderProcessors.tallies(Dictionary(uniqueKeysWithValues: protocols)))
            let foldsOnce = Self.foldsOnce(object)
            let passed = Dictionary(frames.map { (Hexadecimal.text($0.bytes), $0.title) }) { first, _ in first }
            for (text, count) in seen.passed { all.add("passed: \(passed[text] ?? Self.words(text))", count) }
            let answers = Dictionary(frames.compactMap { frame in frame.answer.map { ($0, frame.title) } }) {
                first,
                _ in first
            }
            for (text, count) in seen.returned {
                let answer = Self.bare(Hexadecimal.bytes(text) ?? [], foldsOnce)
                let title = answer.flatMap { answers[$0] }
                all.add("came back: \(title ?? Self.words(text))", count)
            }
            all.add("frames that pass without it", seen.markers)
            return all
        }

        /// Puts every service into the hash, and tries one more than it takes.
        private func fill(_ map: BPFMap) throws -> Tallies {
            var all: Tallies = [:]
            for service in Service.all + [Service.surplus] {
                do {
                    try map.update(service.key, service.value)
                    all.add("entries taken")
                } catch is ObjectMismatch {
                    // It is full, or not such a map at all.
                    all.add("entries refused")
                }
            }
            return all
        }

        /// A frame without the identification and the checksum of its IPv4 header; `nil` where the checksum is not what the source
        /// computes.
        private static func bare(_ frame: [UInt8], _ foldsOnce: Bool) -> [UInt8]? {
            guard frame.count >= 34, frame[12..<14] == [0x08, 0x00] else { return frame }
            var header = Array(frame[14..<34])
            let checksum = Array(header[10..<12])
            header.replaceSubrange(10..<12, with: [0, 0])
            var wanted = EthernetFrame.big(InternetChecksum.of(header))
            if foldsOnce {
                // In the machine's byte order.
                let sum = header.withUnsafeBytes { bytes in
                    stride(from: 0, to: 20, by: 2).reduce(UInt32(0)) {
                        $0 + UInt32(bytes.loadUnaligned(fromByteOffset: $1, as: UInt16.self))
                    }
                }
                let folded = ~UInt16(truncatingIfNeeded: sum & 0xffff + sum >> 16)
                wanted = withUnsafeBytes(of: folded) { Array($0) }
            }
            guard checksum == wanted else { return nil }
            header.replaceSubrange(4..<6, with: [0, 0])
            return frame[0..<14] + header + frame[34...]
        }

        /// Whether the program shifts down a half of its sum once, and not twice: BPF_RSH by 16, in either width.
        private static func foldsOnce(_ object: borrowing LoadedObject) -> Bool {
            let instructions = object.instructions["_xdp_tx_iptunnel"] ?? []
            return instructions.count { ($0.code == 0x77 || $0.code == 0x74) && $0.immediate == 16 } < 2
        }

        private static func words(_ text: String) -> String { PacketForm.frame(Hexadecimal.bytes(text) ?? []) }
    }
}
