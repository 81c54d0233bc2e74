import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension XdpSamplePkts {
    /// A frame.
    struct Frame: Sendable {
        var bytes: [UInt8]

        var title: String { "\(bytes.count) bytes" }

        /// A frame of each of some lengths, every one with bytes of its own: around the 64 that a sample takes at most, each
        /// remainder of eight, and the ends.
        static let all: [Self] =
            ([14, 15, 42] + Array(57...72) + [98, 255, 256, 257, 300, 1000, 1513, 1514, 2048, 3014]).map {
                size in
                let payload = (0..<(size - 14)).map { UInt8(($0 * 7 + size * 13) & 255 | 1) }
                return Self(
                    bytes: EthernetFrame.make(
                        from: EthernetFrame.sender,
                        to: EthernetFrame.receiver,
                        type: 0x88b6,
                        payload
                    )
                )
            }

        /// What the program writes: a cookie, the frame's length, and its beginning.
        var sample: [UInt8] {
            let numbers = [UInt16(0xdead), UInt16(bytes.count)].flatMap { number in
                withUnsafeBytes(of: number) { Array($0) }
            }
            return numbers + bytes.prefix(64)
        }
    }

    /// A pair of devices, and the rings.
    final class Bench {
        private let object: LoadedObject
        private let pair: VethPair
        private var rings: Rings?
        /// Whether something was missing in a step: what is broken is not waited for again.
        private var isBroken = false

        /// A buffer in an optional.
        private final class Rings {
            let buffer: PerfBuffer

            init(_ map: BPFMap) throws { buffer = try PerfBuffer(map, pages: 16) }
        }

        init(_ arena: borrowing Arena) throws {
            object = try arena.loadObject()
            pair = try VethPair(shape: RouteSocket.VethShape(mtu: 3000))
        }

        private func program() throws -> BPFProgram { try object.program("xdp_sample_prog") }

        /// Runs the program on all frames before there is any ring, and says what it printed.
        func runWithoutRings(in arena: borrowing Arena) throws -> Tallies {
            // Others print too. A program that is run without a device is run by the thread that asks for it, whose name is unique: its
            // number may be another one in a container.
            let name = "pkts-\(Hexadecimal.text(UInt32.random(in: 0...UInt32.max)))"
            try SmallFile.write(name, to: "/proc/thread-self/comm")
            let recorder = try arena.recordPrints()
            var all: Tallies = [:]
            try arena.stimulate {
                try SenderProcessors.each { _, _ in
                    for frame in Frame.all { all.add("answered \(try program().run(on: frame.bytes))") }
                }
            }
            for line in try recorder.finish().whole() where line.task == name { all.add("printed: \(line.text)") }
            return all
        }

        /// Runs the program on all frames, on each processor.
        func runAlone(in arena: borrowing Arena) throws -> Tallies {
            let rings = try ready()
            var all: Tallies = [:]
            try arena.stimulate {
                try SenderProcessors.each { _, _ in
                    for frame in Frame.all { all.add("answered \(try program().run(on: frame.bytes))") }
                }
            }
            let found = try harvest(rings)
            return all + (try found.tallies())
        }

        /// Puts the program on a device and sends all frames to it.
        func expose(to mode: BPFProgram.XDPMode, in arena: borrowing Arena) throws -> Tallies {
            let rings = try ready()
            var found = Harvest()
            var sent = 0
            var rank = 0
            let seen = try pair.expose(to: program(), mode, in: arena) { socket, _ in
                rank += 1
                for _ in 0..<rank where !isBroken {
                    for frame in Frame.all { try socket.send(frame.bytes) }
                    sent += Frame.all.count
                    isBroken = try !Deadline(after: answerTime).poll(everyMilliseconds: 1) {
                        found.add(try harvest(rings))
                        return found.count >= sent
                    }
                }
                return !isBroken
            }
            found.add(try harvest(rings))
            var all = try found.tallies()
            let titles = Dictionary(uniqueKeysWithValues: Frame.all.map { (Hexadecimal.text($0.bytes), $0.title) })
            for (text, count) in seen.passed { all.add("passed: \(titles[text] ?? "changed, \(text)")", count) }
            for (text, count) in seen.returned { all.add("came back: \(titles[text] ?? "changed, \(text)")", count) }
            all.add("frames that pass without it", seen.markers)
            return all
        }

        private func ready() throws -> Rings {
            if let rings { return rings }
            let made = try Rings(try object.map("my_map"))
            rings = made
            return made
        }

        /// What has come into the rings.
        private func harvest(_ rings: Rings) throws -> Harvest {
            let taken = try rings.buffer.take()
            var found = Harvest(lost: Int(clamping: taken.lost))
            for sample in taken.samples {
                found.counts[Self.title(of: sample.bytes), default: [:]][sample.processor, default: 0] += 1
            }
            return found
        }

        /// The frame that a sample tells of.
        private static func title(of bytes: [UInt8]) -> String {
            let frame = Frame.all.first { frame in
                let sample = frame.sample
                // With its own length, of four bytes, a sample in a ring is a multiple of eight bytes.
                return bytes.count == (sample.count + 4 + 7) / 8 * 8 - 4 && bytes.prefix(sample.count) == sample[...]
            }
            return frame?.title ?? "unknown sample \(Hexadecimal.text(bytes))"
        }
    }
    /// Samples by what they tell of, and by the processor whose ring they came from.
    private struct Harvest {
        var counts: [String: [Int: Int]] = [:]
        var lost = 0

        /// How many there are, and were.
        var count: Int { counts.values.reduce(lost) { $1.values.reduce($0, +) } }

        mutating func add(_ other: Self) {
            counts.merge(other.counts) { $0.merging($1, uniquingKeysWith: +) }
            lost += other.lost
        }

        /// The counts by the senders' ranks, which only a thread can tell that may run on every processor.
        func tallies() throws -> Tallies {
            let values = counts.mapValues { counts in (0...(counts.keys.max() ?? 0)).map { counts[$0] ?? 0 } }
            return try SenderProcessors.tallies(values) + ["lost": lost]
        }
    }
}
