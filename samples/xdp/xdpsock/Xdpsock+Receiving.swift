import LinuxHost
import SampleLab

/// What is received.
extension Xdpsock.Bench {
    private typealias Frames = Xdpsock.Frames
    private typealias Port = Xdpsock.Port

    /// Frames that came in, by the numbers of the sockets.
    typealias Catch = [Int: [Xdpsock.Port.Received]]

    private func isWhole(_ got: Catch, _ count: Int) -> Bool { got.values.map(\.count).reduce(0, +) >= count }

    /// Takes what has come in at a port's sockets, until there are so many.
    func take(_ count: Int, at port: Xdpsock.Port, _ found: inout Tallies) -> Catch {
        var got: Catch = [:]
        patience.poll {
            for socket in port.sockets.indices { got[socket, default: []] += port.take(socket, &found) }
            return isWhole(got, count)
        }
        return got
    }

    /// Compares what came in at each socket with what was sent to it, frame by frame.
    ///
    /// - Parameters:
    ///   - got: What came in.
    ///   - sent: What was sent, each with the turn that its socket had; only what ought to arrive.
    ///   - found: Where frames are counted.
    func compare(_ got: Catch, _ sent: [(turn: Int, bytes: [UInt8])], _ found: inout Tallies) {
        for socket in 0..<4 {
            let wanted = sent.filter { $0.turn & 3 == socket }.map(\.bytes)
            for (index, frame) in (got[socket] ?? []).enumerated() {
                let isRight = index < wanted.count && frame.bytes == wanted[index]
                found.add("socket \(socket): \(isRight ? "frames as sent" : "other frames")")
            }
        }
    }

    private func turns(_ frames: [[UInt8]], from first: Int = 1) -> [(turn: Int, bytes: [UInt8])] {
        frames.enumerated().map { ($0.offset + first, $0.element) }
    }

    private func send(_ frames: [[UInt8]], _ stage: Stage) throws {
        for frame in frames { try stage.far.send(frame) }
    }

    /// Sends frames that all arrive, and compares them.
    private func exchange(_ frames: [[UInt8]], from first: Int = 1, _ stage: Stage, _ found: inout Tallies) throws {
        try send(frames, stage)
        compare(take(frames.count, at: stage.port, &found), turns(frames, from: first), &found)
    }

    /// Waits until the kernel has counted so much more of something, over all sockets.
    private func awaitCount(_ name: String, _ count: Int, _ stage: Stage, since before: Tallies) throws {
        func sum(_ tallies: Tallies) -> Int { (0..<4).map { tallies["socket \($0): \(name)"] }.reduce(0, +) }
        let start = sum(before)
        try patience.poll { sum(try stage.port.statistics()) - start >= count }
    }

    func lengths(_ stage: Stage, _ found: inout Tallies) throws {
        let frames = frames(Frames.lengths)
        let taken = turns(frames).filter { $0.bytes.count <= Port.longest }
        stage.port.give(taken.count)
        found.add("readable too early", stage.port.sockets.count { $0.isReadable })
        try send(frames, stage)
        patience.poll { stage.port.sockets.map { Int($0.receive.count) }.reduce(0, +) >= taken.count }
        found.add("readable sockets", stage.port.sockets.count { $0.isReadable })
        compare(take(taken.count, at: stage.port, &found), taken, &found)
    }

    func many(_ stage: Stage, _ found: inout Tallies) throws {
        for _ in 0..<Frames.rounds {
            stage.port.give(Frames.round)
            try exchange(frames(Frames.round), stage, &found)
        }
    }

    func starved(_ stage: Stage, _ found: inout Tallies) throws {
        let before = try stage.port.statistics()
        stage.port.give(Frames.fed)
        let frames = frames(Frames.fed + Frames.starved)
        try send(frames, stage)
        let fed = Array(turns(frames).prefix(Frames.fed))
        compare(take(fed.count, at: stage.port, &found), fed, &found)
        // A chunk that is given too early would be filled.
        try awaitCount("dropped", Frames.starved, stage, since: before)
        stage.port.give(4)
        try exchange(self.frames(4), from: frames.count + 1, stage, &found)
    }

    func crowded(_ stage: Stage, _ found: inout Tallies) throws {
        let before = try stage.port.statistics()
        stage.port.give(Frames.round + Frames.surplus)
        let frames = frames(Frames.round + Frames.surplus)
        try send(frames, stage)
        try awaitCount("without room", Frames.surplus, stage, since: before)
        let kept = Array(turns(frames).prefix(Frames.round))
        compare(take(kept.count, at: stage.port, &found), kept, &found)
        // The chunks of what was lost are still the kernel's to fill.
        try exchange(self.frames(Frames.surplus), from: frames.count + 1, stage, &found)
    }

    func gaps(_ stage: Stage, _ found: inout Tallies) throws {
        let frames = frames(8)
        let taken = turns(frames).filter { $0.turn % 2 == 0 }
        stage.port.give(taken.count)
        // The last one arrives, so that those before it have been dealt with.
        try send(frames, stage)
        compare(take(taken.count, at: stage.port, &found), taken, &found)
    }

    func queues(_ stage: Stage, _ found: inout Tallies) throws {
        guard let other = stage.other, stage.senders.count == 2 else { return }
        let frames = turns(frames(12))
        let ofOther = frames.prefix(Frames.onOther).filter { $0.turn & 3 == Port.other }
        let ofFirst = frames.dropFirst(Frames.onOther).filter { $0.turn & 3 != Port.other }
        other.give(ofOther.count)
        stage.port.give(ofFirst.count)
        // The last one of each queue arrives.
        try transmit(frames.prefix(Frames.onOther).map(\.bytes), by: stage.senders[1])
        let atOther = take(ofOther.count, at: other, &found)
        compare([Port.other: atOther[0] ?? []], ofOther, &found)
        try transmit(frames.dropFirst(Frames.onOther).map(\.bytes), by: stage.senders[0])
        compare(take(ofFirst.count, at: stage.port, &found), ofFirst, &found)
    }

    /// Sends frames on a queue.
    private func transmit(_ frames: [[UInt8]], by sender: Xdpsock.Port) throws {
        let sent = sender.write(frames)
        _ = sender.queue(sent, on: 0)
        try sender.sockets[0].flush()
        var found: Tallies = [:]
        patience.poll {
            sender.takeBack(&found)
            return found["chunks that came back"] >= frames.count
        }
    }

    func strayChunks(_ stage: Stage, _ found: inout Tallies) throws {
        stage.port.give(1)
        stage.port.giveStray([UInt64(stage.port.memory.byteCount)])
        // Any address within a chunk stands for the chunk.
        stage.port.give(1, at: 100)
        stage.port.giveStray([.max])
        stage.port.give(2)
        try exchange(frames(4), stage, &found)
    }

    func pages(_ stage: Stage, _ found: inout Tallies) throws {
        let frames = frames(Frames.pageLengths)
        stage.port.give(frames.count)
        try send(frames, stage)
        compare(take(frames.count, at: stage.port, &found), frames.map { (turn: 0, bytes: $0) }, &found)
    }
}
