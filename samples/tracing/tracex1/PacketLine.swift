import LibBPF

/// What a line of the kern half says of a packet.
struct PacketLine: Codable, Equatable {
    /// The bytes of the packet.
    var length: Int
    /// What the kernel prints in place of the socket buffer's address: the same for the same address; `nil` where it has no key
    /// for that yet.
    var buffer: String?

    /// Whether there was no buffer at all.
    var isNull: Bool { buffer?.allSatisfy { $0 == "0" } ?? false }

    init(length: Int, buffer: String?) {
        self.length = length
        self.buffer = buffer
    }

    /// Reads `skb NUMBER len LENGTH`; `nil` for any other text.
    init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 4, words[0] == "skb", words[2] == "len", let length = Int(words[3]) else { return nil }
        if words[1] == "(____ptrval____)" {
            self.init(length: length, buffer: nil)
        } else {
            guard !words[1].isEmpty, words[1].allSatisfy(\.isHexDigit) else { return nil }
            self.init(length: length, buffer: String(words[1]))
        }
    }

    /// Tells the lines that own packets caused from those of others.
    struct Reader {
        /// The lengths of own packets.
        var lengths: Set<Int>
        /// The thread that sends them.
        var thread: CInt

        /// Takes the own lines out of what was printed.
        ///
        /// What is sent over `lo` is received by the thread that sent it, before its call returns; where the kernel is behind
        /// with such work, by a thread of the kernel's, whose lines count by their length.
        func read(_ printed: [PrintRecorder.Line]) -> (lines: [PacketLine], unreadable: [String]) {
            var found: [PacketLine] = []
            var unreadable: [String] = []
            for line in printed {
                let isOwn = line.thread == thread
                guard isOwn || ["ksoftirqd/", "backlog_napi/"].contains(where: { line.task.hasPrefix($0) }) else {
                    continue
                }
                if let packet = PacketLine(line.text) {
                    if isOwn || lengths.contains(packet.length) { found.append(packet) }
                } else if isOwn {
                    unreadable.append(line.text)
                }
            }
            return (found, unreadable)
        }
    }
}
