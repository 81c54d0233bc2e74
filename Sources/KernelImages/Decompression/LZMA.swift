import CLZMA

/// Reading of xz and lzma data with liblzma.
enum LZMA {
    /// The most memory liblzma may take; a kernel's dictionary has at most 128 MiB.
    private static let memoryLimit: UInt64 = 256 << 20

    /// Decompresses one stream, in the older format of lzma(1) if it `isAlone`; bytes after it are ignored.
    static func run(
        _ pump: inout Pump,
        into sink: inout some ByteSink,
        isAlone: Bool
    ) throws(DecompressionError.Cause) -> Bool {
        guard pump.input.starts(with: (isAlone ? Compression.lzma : .xz).magic) else { throw .foreign }
        let stream = UnsafeMutablePointer<lzma_stream>.allocate(capacity: 1)
        // All zeroes is what LZMA_STREAM_INIT is.
        stream.initialize(to: lzma_stream())
        defer { stream.deallocate() }
        let started =
            isAlone ? lzma_alone_decoder(stream, memoryLimit) : lzma_stream_decoder(stream, memoryLimit, 0)
        guard started == LZMA_OK else { throw .corrupt(words(started)) }
        defer { lzma_end(stream) }
        return try pump.run(into: &sink) { source, target in
            stream.pointee.next_in = source.baseAddress
            stream.pointee.avail_in = source.count
            stream.pointee.next_out = target.baseAddress
            stream.pointee.avail_out = target.count
            let status = lzma_code(stream, LZMA_RUN)
            return Pump.Step(
                status: status == LZMA_STREAM_END
                    ? .end : status == LZMA_OK || status == LZMA_BUF_ERROR ? .more : .failed(words(status)),
                consumed: source.count - stream.pointee.avail_in,
                produced: target.count - stream.pointee.avail_out
            )
        }
    }

    private static func words(_ status: lzma_ret) -> String {
        switch status {
        case LZMA_DATA_ERROR: "data error"
        case LZMA_FORMAT_ERROR: "format not recognised"
        case LZMA_OPTIONS_ERROR: "unsupported options"
        case LZMA_MEMLIMIT_ERROR: "needs more than \(memoryLimit >> 20) MiB of memory"
        default: "liblzma error \(status.rawValue)"
        }
    }
}
