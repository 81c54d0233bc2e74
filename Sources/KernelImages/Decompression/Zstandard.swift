import CZstd

/// Reading of zstd data with libzstd.
enum Zstandard {
    /// Decompresses one frame; bytes after it are ignored.
    static func run(_ pump: inout Pump, into sink: inout some ByteSink) throws(DecompressionError.Cause) -> Bool {
        guard pump.input.starts(with: Compression.zstd.magic) else { throw .foreign }
        guard let stream = ZSTD_createDStream() else { throw .corrupt("libzstd has no memory") }
        defer { ZSTD_freeDStream(stream) }
        ZSTD_initDStream(stream)
        return try pump.run(into: &sink) { source, target in
            var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
            var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
            let hint = ZSTD_decompressStream(stream, &output, &input)
            return Pump.Step(
                status: ZSTD_isError(hint) != 0
                    ? .failed(String(cString: ZSTD_getErrorName(hint)).lowercased()) : hint == 0 ? .end : .more,
                consumed: input.pos,
                produced: output.pos
            )
        }
    }
}
