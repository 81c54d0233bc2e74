/// The frame of a tunnel without what the kernel chooses.
///
/// That is the identification of IPv4, GENEVE's source port, and ERSPAN's time. Checksums that are valid, or that a device is to
/// finish, are all alike; one that is not stays as it is, and so does what it covers.
struct PlainTunnelFrame {
    private(set) var bytes: [UInt8]
    /// The number that GRE gave it.
    private(set) var number: UInt32?

    init(_ frame: [UInt8]) {
        bytes = frame
        guard frame.count >= 14 else { return }
        let type = half(12)
        if type == 0x0800, let proto = version4(at: 14) { behindHeader(at: 34, proto) }
        if type == 0x86dd, frame.count >= 54 { behindHeader(at: 54, frame[20]) }
    }

    /// Reads 20 bytes of IPv4; says what is behind them.
    private mutating func version4(at start: Int) -> UInt8? {
        guard bytes.count >= start + 20, bytes[start] == 0x45, InternetChecksum.of(bytes[start..<start + 20]) == 0
        else { return nil }
        clear(start + 4, 2)
        clear(start + 10, 2)
        return bytes[start + 9]
    }

    private mutating func behindHeader(at start: Int, _ proto: UInt8) {
        if proto == 47 { gre(at: start) }
        if proto == 4 { inner(at: start) }
        if proto == 17, bytes.count >= start + 8 { udp(at: start) }
    }

    private mutating func gre(at start: Int) {
        guard bytes.count >= start + 16 else { return }
        var next = start + 4
        if bytes[start] & 0x20 != 0 { next += 4 }
        if bytes[start] & 0x10 != 0 {
            number = UInt32(half(next)) << 16 | UInt32(half(next + 2))
            clear(next, 4)
            next += 4
        }
        let type = half(start + 2)
        if type == 0x22eb, bytes.count >= next + 12 {
            clear(next + 4, 4)
            next += 12
        }
        inner(at: type == 0x0800 || type == 0x86dd ? next : next + 14)
    }

    private mutating func udp(at start: Int) {
        // What it carries first, for that is under the checksum.
        let isVersion4 = start == 34
        let pseudo = Array(isVersion4 ? bytes[26..<34] : bytes[22..<54])
        let length = EthernetFrame.big(UInt16(truncatingIfNeeded: bytes.count - start))
        let header = pseudo + [0, 17] + length
        // A veth is left to finish it, and never does: what is there is the sum of the header before it.
        let isUnfinished = half(start + 6) == ~InternetChecksum.of(header)
        if half(start + 6) != 0, isUnfinished || InternetChecksum.of(header + bytes[start...]) == 0 {
            bytes.replaceSubrange(start + 6..<start + 8, with: [0xff, 0xff])
        }
        if half(start + 2) == 6081, half(start) != 0 {
            clear(start, 2)
            if bytes.count >= start + 16 { inner(at: start + 16 + Int(bytes[start + 8] & 63) * 4 + 14) }
        } else {
            inner(at: start + 16 + 14)
        }
    }

    private mutating func inner(at start: Int) { _ = version4(at: start) }

    private func half(_ place: Int) -> UInt16 { UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]) }

    private mutating func clear(_ place: Int, _ count: Int) {
        for place in place..<place + count { bytes[place] = 0 }
    }
}
