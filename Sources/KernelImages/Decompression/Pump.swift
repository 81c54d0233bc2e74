/// What takes bytes piece by piece, so that a kernel of 100 MiB need not be held in memory to search it.
protocol ByteSink {
    /// Takes the next bytes.
    ///
    /// - Returns: Whether more is wanted.
    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool
}

/// A sink that keeps everything.
struct CollectingSink: ByteSink {
    private(set) var bytes: [UInt8] = []

    mutating func take(_ piece: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes += piece
        return true
    }
}

/// Drives a library's decoder: offers it input and room, hands on what comes out, and counts it.
struct Pump {
    /// What has not been consumed yet.
    var input: ArraySlice<UInt8>
    /// The most bytes that may still come out.
    var budget: Int

    /// What one call of a decoder came to.
    struct Step {
        let status: Status
        let consumed: Int
        let produced: Int

        enum Status {
            case more, end
            case failed(String)
        }
    }

    /// How much room a decoder is offered at once.
    private static let room = 256 << 10

    /// Calls a decoder until it is at its end, fails, or the sink has enough.
    ///
    /// - Returns: Whether the decoder came to its end; `false` where the sink had enough.
    mutating func run(
        into sink: inout some ByteSink,
        _ step: (UnsafeBufferPointer<UInt8>, UnsafeMutableBufferPointer<UInt8>) -> Step
    ) throws(DecompressionError.Cause) -> Bool {
        let chunk = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Self.room)
        defer { chunk.deallocate() }
        while true {
            let done = input.withUnsafeBufferPointer { step($0, chunk) }
            input = input.dropFirst(done.consumed)
            guard try hand(UnsafeBufferPointer(rebasing: chunk[..<done.produced]), to: &sink) else { return false }
            switch done.status {
            case .end: return true
            case .failed(let words): throw .corrupt(words)
            case .more where done.consumed > 0 || done.produced > 0: continue
            case .more: throw .truncated
            }
        }
    }

    /// Hands bytes to a sink, if the budget has room for them.
    ///
    /// - Returns: Whether the sink wants more.
    mutating func hand(
        _ bytes: UnsafeBufferPointer<UInt8>,
        to sink: inout some ByteSink
    ) throws(DecompressionError.Cause) -> Bool {
        guard bytes.count <= budget else { throw .tooLarge(limit: 0) }
        budget -= bytes.count
        return bytes.isEmpty || sink.take(bytes)
    }
}
