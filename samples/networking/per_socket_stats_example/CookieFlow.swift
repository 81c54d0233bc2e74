import SampleLab

/// Datagrams to a socket, or from it.
struct CookieFlow: Sendable {
    /// The name of the fact that says which user the process is.
    static let user = "user"

    /// A socket of the host that counts.
    enum Socket: String, CaseIterable, CustomStringConvertible, Sendable {
        /// Of IPv4 and the process's user.
        case inet
        /// Of IPv6 and another user.
        case inet6
        /// Of IPv4, and in a full map another one that nobody has seen.
        case late
        /// Without the program.
        case unfiltered

        var description: String { rawValue }
        var family: SocketKind.Family { self == .inet6 ? .inet6 : .inet }
        var isFiltered: Bool { self != .unfiltered }
        var port: UInt16 { 4000 + UInt16(Self.allCases.firstIndex(of: self) ?? 0) }
    }

    let socket: Socket
    let payloads: [Int]
    /// Whether the socket receives them, or sends them.
    let comesIn: Bool
    /// What is sent, in bytes that tell the socket.
    let messages: [[UInt8]]

    private init(_ socket: Socket, payloads: [Int], comesIn: Bool = true) {
        (self.socket, self.payloads, self.comesIn) = (socket, payloads, comesIn)
        messages = payloads.map { size in
            (0..<size).map { UInt8(truncatingIfNeeded: $0 + Int(socket.port) * 37) }
        }
    }

    /// The bytes that the socket's filter sees: with the header of UDP.
    var datagramBytes: Int { payloads.reduce(0, +) + payloads.count * 8 }
    /// Whether the packet socket sees them.
    var isCaptured: Bool { comesIn && socket.family == .inet }
    /// The bytes that it sees: with all headers.
    var frameBytes: Int { datagramBytes + payloads.count * (14 + 20) }

    static let all = [
        // The longest packet of IPv4 is a frame of more bytes than 16 bits count.
        CookieFlow(.inet, payloads: [65_507, 0, 1, 1000]),
        CookieFlow(.inet6, payloads: [3, 300, 40_000]),
        CookieFlow(.inet, payloads: [5, 6], comesIn: false),
        CookieFlow(.late, payloads: [17, 18]),
        CookieFlow(.unfiltered, payloads: [11]),
    ]
}
