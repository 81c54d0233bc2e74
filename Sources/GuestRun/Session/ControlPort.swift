import RunModel

/// What QEMU says on its control port (QMP): why the machine ended.
struct ControlPort {
    /// The reason of the event SHUTDOWN, such as `guest-reset`; `nil` where there was none.
    private(set) var shutdownReason: String?
    private var pending: [UInt8] = []

    /// What must be sent first, so that QEMU reports events.
    static let greeting = #"{"execute":"qmp_capabilities"}"#

    /// Takes in what has come.
    mutating func take(_ bytes: [UInt8]) {
        pending += bytes
        while let end = pending.firstIndex(of: 0x0a) {
            let line = pending[..<end]
            if let json = try? JSONValue(parsing: Array(line)),
                json["event"]?.stringValue == "SHUTDOWN", shutdownReason == nil
            {
                shutdownReason = json["data"]?["reason"]?.stringValue
            }
            pending.removeFirst(end + 1 - pending.startIndex)
        }
        if pending.count > 1 << 20 { pending = [] }
    }
}
