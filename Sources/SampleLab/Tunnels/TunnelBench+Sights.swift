import LibBPF
public import LinuxHost

extension TunnelBench {
    /// What came out of the tunnel at the device.
    func unpacked(_ kind: Kind, _ expected: Tallies, _ deadline: Deadline) throws -> Tallies {
        let known = kind.arrivals(run).enumerated().map { number, arrival in
            (kind.received(number).carried(by: kind.device, isOutgoing: false), arrival.title)
        }
        let requests = kind.echoes(isOutgoing: false).map {
            ($0.carried(by: kind.device, isOutgoing: false), $0.title)
        }
        let titles = Dictionary(known + requests) { first, _ in first }
        // The kernel gives what the host itself sends an identification.
        let plain = { (packet: [UInt8]) in PlainTunnelFrame(TunnelTrial.framed(packet)).bytes }
        let strays = kind.homeward == nil ? [] : kind.astray.map { (plain($0.bytes), $0.title) }
        let others = Dictionary(strays) { first, _ in first }
        let isWanted = { (frame: PacketSocket.Frame) in !frame.isOutgoing }
        let seen = try eye(kind).socket
            .frames(atLeast: expected.sum("came out"), until: deadline, where: isWanted)
        var found: Tallies = [:]
        for frame in seen where isWanted(frame) {
            let words = kind.device.carriesEthernet ? PacketForm.frame : PacketForm.packet
            found.add("came out: \(titles[frame.bytes] ?? others[plain(frame.bytes)] ?? words(frame.bytes))")
        }
        return found
    }

    /// What the far end got, and whether it was numbered in turn.
    func leaving(_ kind: Kind, _ expected: Tallies, _ deadline: Deadline) throws -> Tallies {
        let tunnels = (kind.sent + kind.echoes(isReply: true, isOutgoing: true)).map { packet in
            let content = packet.carried(by: kind.device, isOutgoing: true)
            let frame = kind.headers(around: content, run)
                .frame(around: content, from: hardware(kind.host), to: farHardware(kind.host))
            return (PlainTunnelFrame(frame).bytes, packet.title)
        }
        let titles = Dictionary(tunnels) { first, _ in first }
        // The kernel reports its groups of IPv6 when it likes.
        let isWanted = { (frame: PacketSocket.Frame) in !frame.isOutgoing && frame.bytes[0] & 1 == 0 }
        let seen = try far(kind.host).socket
            .frames(atLeast: expected.sum("far got"), until: deadline, where: isWanted)
        var found: Tallies = [:]
        var numbers: [UInt32] = []
        for frame in seen where isWanted(frame) {
            let plain = PlainTunnelFrame(frame.bytes)
            if let number = plain.number { numbers.append(number) }
            found.add("far got \(titles[plain.bytes] ?? PacketForm.frame(frame.bytes))")
        }
        guard kind.device.isGRE else { return found }
        let first = self.numbers[kind] ?? 0
        self.numbers[kind] = first + UInt32(numbers.count)
        let isInTurn = numbers.sorted() == (0..<UInt32(numbers.count)).map { first + $0 }
        found.add(isInTurn ? "numbered in turn" : "numbered otherwise", numbers.count)
        return found
    }

    /// What came in at the host itself.
    func home(_ kind: Kind, _ expected: Tallies, _ deadline: Deadline) throws -> Tallies {
        guard let headers = kind.homeward?.headers else { return [:] }
        let nobody = HardwareAddress(0, 0, 0, 0, 0, 0)
        let tunnels = kind.astray.map { packet in
            (PlainTunnelFrame(headers.frame(around: packet.bytes, from: nobody, to: nobody)).bytes, packet.title)
        }
        let titles = Dictionary(tunnels) { first, _ in first }
        // Each is seen as it goes and as it comes.
        let isWanted = { (frame: PacketSocket.Frame) in !frame.isOutgoing }
        let seen = try loopback(kind.host).socket
            .frames(atLeast: expected.sum("lo got"), until: deadline, where: isWanted)
        var found: Tallies = [:]
        for frame in seen where isWanted(frame) {
            found.add("lo got \(titles[PlainTunnelFrame(frame.bytes).bytes] ?? PacketForm.frame(frame.bytes))")
        }
        return found
    }

    /// The lines that name the run, once all are there or will never be.
    ///
    /// - Parameters:
    ///   - expected: What must be counted, the lines among it by `printed: `.
    ///   - deadline: The end of the waiting.
    /// - Returns: How often each was printed, by the same names.
    /// - Throws: `SystemCallError` where tracefs cannot be read.
    public func printed(_ expected: Tallies, _ deadline: Deadline) throws -> Tallies {
        let wanted = expected.counts.filter { $0.key.hasPrefix("printed") }
        let mark = EthernetFrame.big(run.mark)
        let marks = [Hexadecimal.text(mark), Hexadecimal.text(mark.reversed())]
        var found: Tallies = [:]
        var count = 0
        _ = try deadline.poll(everyMilliseconds: 1) {
            for line in try recorder.take().whole() {
                let name = "printed: \(line.text)"
                guard wanted[name] != nil || marks.contains(where: line.text.contains) else { continue }
                found.add(name)
                count += 1
            }
            return count >= wanted.values.reduce(0, +)
        }
        return found
    }
}

extension Tallies {
    /// How often things were seen whose names begin with a text.
    fileprivate func sum(_ prefix: String) -> Int {
        counts.filter { $0.key.hasPrefix(prefix) }.values.reduce(0, +)
    }
}
