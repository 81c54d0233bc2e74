public import LibBPF

/// What a cgroup's sockops programs did to connections.
public struct SocketOpsObservation: Codable, Sendable, Equatable {
    /// Whether the kernel listed the program as attached to the cgroup.
    public var isAttached = false
    /// The processors that connections were repeated on.
    public var processors: [Int] = []
    /// The connections, by the names of their cases.
    public var flows: [String: Flow] = [:]
    /// What a user gets who asks for buffers as large as the program does.
    public var granted = Buffers()
    /// How long a tick of the kernel is, in microseconds.
    public var tick = 0
    /// Congestion controls that the kernel had.
    public var algorithms: [String] = []
    /// The server of those that got a SYN from a deaf client that repeated its SYN-ACK first; empty where none did.
    public var firstRepeated = ""
    /// How long after the SYN that was, in microseconds.
    public var repeatedAfter = 0

    /// The sizes of a socket's buffers, in bytes.
    public struct Buffers: Codable, Sendable, Equatable {
        /// `SO_SNDBUF`.
        public var send = 0
        /// `SO_RCVBUF`.
        public var receive = 0

        /// Names sizes.
        public init(send: Int = 0, receive: Int = 0) {
            self.send = send
            self.receive = receive
        }
    }

    /// A connection.
    public struct Flow: Codable, Sendable, Equatable {
        /// The end that connected.
        public var client = End()
        /// The end that accepted.
        public var server = End()
        /// The calls for the listening socket.
        public var listener: [SocketOpsRecorder.Call] = []
        /// Calls that belong to none of them.
        public var strays = 0

        /// An end of it.
        public subscript(end: TCPFlow.End) -> End {
            get { end == .client ? client : server }
            set { if end == .client { client = newValue } else { server = newValue } }
        }
    }

    /// One end of a connection.
    public struct End: Codable, Sendable, Equatable {
        /// What the programs were called for, and what they answered.
        public var calls: [SocketOpsRecorder.Call] = []
        /// What was measured, by the names of ``TCPTrait``.
        public var traits: [String: Int] = [:]
        /// Its congestion control.
        public var algorithm = ""
        /// Its port.
        public var port = 0
    }

    /// Creates an observation of nothing.
    public init() {}
}
