/// The TCP header of a frame that was seen on a wire.
struct TCPSegment {
    let sourcePort: Int
    let targetPort: Int
    /// The window as it stands in the header; a SYN's and a SYN-ACK's is never scaled.
    let window: Int
    private let flags: UInt8

    /// Reads the frame of an IPv4 or IPv6 packet without extension headers; `nil` for any other.
    init?(frame: [UInt8]) {
        guard frame.count >= 54 else { return nil }
        let start: Int
        switch (frame[12], frame[13]) {
        case (0x08, 0x00) where frame[23] == 6: start = 14 + Int(frame[14] & 15) * 4
        case (0x86, 0xdd) where frame[20] == 6: start = 54
        default: return nil
        }
        guard frame.count >= start + 20 else { return nil }
        func half(_ offset: Int) -> Int { Int(frame[start + offset]) << 8 | Int(frame[start + offset + 1]) }
        sourcePort = half(0)
        targetPort = half(2)
        flags = frame[start + 13]
        window = half(14)
    }

    /// Whether it is a SYN that asks for a connection.
    var isRequest: Bool { flags & 0x12 == 0x02 }
    /// Whether it is a SYN-ACK.
    var isAnswer: Bool { flags & 0x12 == 0x12 }
    /// Whether a SYN or a SYN-ACK says that its sender can do ECN (RFC 3168: ECE, and CWR in the SYN).
    var offersECN: Bool { flags & 0xc0 == (isAnswer ? 0x40 : 0xc0) }
}
