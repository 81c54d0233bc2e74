import LinuxHost
import SampleLab

/// What is sent.
extension Xdpsock.Bench {
    private typealias Frames = Xdpsock.Frames
    private typealias Port = Xdpsock.Port

    /// Compares what comes in at the far end with what was sent, frame by frame.
    private func compare(sent: [[UInt8]], _ stage: Stage, _ found: inout Tallies) throws {
        var got: [[UInt8]] = []
        _ = try patience.wait { deadline in
            got = try stage.far.frames(atLeast: sent.count, until: deadline, where: { !$0.isOutgoing })
                .filter { !$0.isOutgoing }.map(\.bytes)
            return got.count >= sent.count ? got.count : nil
        }
        for (index, frame) in got.enumerated() {
            found.add("sent: \(index < sent.count && frame == sent[index] ? "frames as sent" : "other frames")")
        }
    }

    /// Takes chunks back until so many have come.
    private func takeBack(_ count: Int, _ stage: Stage, _ found: inout Tallies) {
        let name = "chunks that came back"
        let start = found[name]
        patience.poll {
            stage.port.takeBack(&found)
            return found[name] - start >= count
        }
    }

    func sending(_ stage: Stage, _ found: inout Tallies) throws {
        let port = stage.port
        for socket in port.sockets.indices {
            found.add("rings that ask for a call", port.sockets[socket].send.needsWakeup ? 1 : 0)
            if port.sockets[socket].chunks?.fill.needsWakeup == true {
                found.add("rings of chunks that ask for a call")
            }
            var count = 0
            while count < Frames.sentEach {
                let number = min(Int(Port.receiveRing), Frames.sentEach - count)
                let lengths = (count..<count + number).map { Frames.sentLengths[$0 % Frames.sentLengths.count] }
                let frames = frames(lengths)
                if !port.queue(port.write(frames), on: socket) { found.add("full rings") }
                try awaitSilence(stage, &found)
                try port.sockets[socket].flush()
                try compare(sent: frames, stage, &found)
                takeBack(number, stage, &found)
                count += number
            }
        }
    }

    /// Looks for frames at the far end that were sent before the kernel was asked to.
    private func awaitSilence(_ stage: Stage, _ found: inout Tallies) throws {
        try stage.near.send(Self.marker)
        _ = try patience.wait { deadline in
            let isMarker = { (frame: PacketSocket.Frame) in !frame.isOutgoing && frame.bytes == Self.marker }
            let all = try stage.far.frames(atLeast: 1, until: deadline, where: isMarker)
            let others = all.filter { !$0.isOutgoing && $0.bytes != Self.marker }
            found.add("sent without being asked", others.count)
            return all.contains(where: isMarker) ? all.count : nil
        }
    }

    func straySending(_ stage: Stage, _ found: inout Tallies) throws {
        let port = stage.port
        let frames = frames([60, 61])
        let good = port.write(frames)
        let chunk = port.free[0]
        let strays = [
            // Across the end of a chunk, longer than one, beyond the memory, with an option that no kernel knows.
            XDPDescriptor(at: chunk + 1000, length: 1100), XDPDescriptor(at: chunk, length: 2049),
            XDPDescriptor(at: UInt64(port.memory.byteCount), length: 60), XDPDescriptor(at: 0 &- 2048, length: 60),
            XDPDescriptor(at: chunk, length: 60, options: 1 << 31),
        ]
        if !port.queue(good, with: strays, on: 2) { found.add("full rings") }
        try port.sockets[2].flush()
        try compare(sent: frames, stage, &found)
        takeBack(good.count, stage, &found)
    }

    func swapping(_ stage: Stage, _ found: inout Tallies) throws {
        let port = stage.port
        for _ in 0..<2 {
            port.give(Frames.round)
            let frames = frames(Frames.round)
            for frame in frames { try stage.far.send(frame) }
            let got = take(frames.count, at: port, &found)
            compare(got, frames.enumerated().map { (turn: $0.offset + 1, bytes: $0.element) }, &found)
            for socket in port.sockets.indices {
                let received = got[socket] ?? []
                for frame in received { port.memory.write(Frames.swapped(frame.bytes), at: frame.descriptor.address) }
                if !port.queue(received.map(\.descriptor), on: socket) { found.add("full rings") }
                try port.sockets[socket].flush()
                let wanted = frames.enumerated().filter { ($0.offset + 1) & 3 == socket }.map {
                    Frames.swapped($0.element)
                }
                try compare(sent: wanted, stage, &found)
            }
            takeBack(frames.count, stage, &found)
        }
    }
}
