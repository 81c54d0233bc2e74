/// Who writes a frame; a frame of one side is none of the other's.
public enum Side: UInt8, Sendable {
    /// The guest's first process.
    case guest = 0x67
    /// The host.
    case host = 0x68
}

/// Writes frames: a line `SEQUENCE TAG PAYLOAD` each.
public struct FrameWriter: Sendable {
    private let tags: MessageTag
    private let side: Side
    private var sequence: UInt64 = 0

    /// Creates a writer whose first frame bears number 0.
    public init(_ tags: MessageTag, as side: Side) {
        self.tags = tags
        self.side = side
    }

    /// The bytes of the next frame.
    ///
    /// - Parameter payload: One line; a line feed in it would end the frame and is written as a blank.
    /// - Returns: The line, its line feed included.
    public mutating func frame(_ payload: [UInt8]) -> [UInt8] {
        let payload = payload.map { $0 == 0x0a ? 0x20 : $0 }
        let tag = tags.tag(of: FrameText.signed(side, sequence, payload[...]))
        defer { sequence += 1 }
        return Array("\(sequence) \(FrameText.hex(tag)) ".utf8) + payload + [0x0a]
    }
}

/// Takes frames out of a stream of bytes.
///
/// The first thing that is wrong ends the stream for good: nothing behind it can be believed.
public struct FrameReader: Sendable {
    private let tags: MessageTag
    private let side: Side
    private let limit: Int
    private var sequence: UInt64 = 0
    private var buffer: [UInt8] = []
    /// How far the buffer is known to hold no line feed.
    private var searched = 0
    private var failure: FrameError?

    /// Creates a reader of one side's frames.
    ///
    /// - Parameters:
    ///   - tags: The key of the frames.
    ///   - side: Who writes them.
    ///   - limit: The most bytes of a frame.
    public init(_ tags: MessageTag, from side: Side, limit: Int = 32 << 20) {
        self.tags = tags
        self.side = side
        self.limit = limit
    }

    /// Takes in what has arrived.
    ///
    /// - Returns: The payloads of the frames that are complete now, in their order.
    /// - Throws: ``FrameError``, now and from now on.
    public mutating func take(_ bytes: some Sequence<UInt8>) throws(FrameError) -> [[UInt8]] {
        if let failure { throw failure }
        buffer.append(contentsOf: bytes)
        var payloads: [[UInt8]] = []
        var start = 0
        while let end = buffer[max(start, searched)...].firstIndex(of: 0x0a) {
            payloads.append(try payload(of: buffer[start..<end]))
            start = end + 1
            searched = start
        }
        searched = buffer.count - start
        buffer.removeFirst(start)
        if buffer.count > limit { throw fail(.tooLong) }
        return payloads
    }

    /// Whether the stream ends between two frames.
    public var isWhole: Bool { buffer.isEmpty && failure == nil }

    private mutating func payload(of line: ArraySlice<UInt8>) throws(FrameError) -> [UInt8] {
        let parts = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, (1...20).contains(parts[0].count), parts[1].count == 16,
            let number = UInt64(String(decoding: parts[0], as: UTF8.self)),
            let tag = UInt64(String(decoding: parts[1], as: UTF8.self), radix: 16)
        else { throw fail(.malformed(FrameText.excerpt(line))) }
        guard tag == tags.tag(of: FrameText.signed(side, number, parts[2])) else {
            throw fail(.forged(FrameText.excerpt(line)))
        }
        guard number == sequence else { throw fail(.outOfSequence(expected: sequence, found: number)) }
        sequence += 1
        return Array(parts[2])
    }

    private mutating func fail(_ error: FrameError) -> FrameError {
        failure = error
        buffer = []
        searched = 0
        return error
    }
}

/// What is wrong with a stream of frames.
public enum FrameError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A line is no frame.
    case malformed(String)
    /// A frame was not written by who knows the key, or was changed on its way.
    case forged(String)
    /// A frame is missing, or came twice.
    case outOfSequence(expected: UInt64, found: UInt64)
    /// A frame does not end.
    case tooLong

    /// What is wrong, with the beginning of the line.
    public var description: String {
        switch self {
        case .malformed(let line): "a line on the result port is no frame: '\(line)'"
        case .forged(let line):
            "a frame on the result port has a wrong tag, somebody else wrote it or it was damaged: '\(line)'"
        case .outOfSequence(let expected, let found): "frame \(found) came where frame \(expected) was due"
        case .tooLong: "a frame on the result port does not end"
        }
    }
}

enum FrameText {
    /// What a tag is made of.
    static func signed(_ side: Side, _ sequence: UInt64, _ payload: ArraySlice<UInt8>) -> [UInt8] {
        [side.rawValue] + (0..<8).map { UInt8(truncatingIfNeeded: sequence >> ($0 * 8)) } + payload
    }

    static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The beginning of a line, printable.
    static func excerpt(_ line: ArraySlice<UInt8>) -> String {
        String(decoding: line.prefix(60).map { (0x20..<0x7f).contains($0) ? $0 : 0x3f }, as: UTF8.self)
    }
}
