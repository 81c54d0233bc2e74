import CBzip2

/// Reading of bzip2 data with libbz2.
enum Bzip2 {
    /// Decompresses one stream; bytes after it are ignored.
    static func run(_ pump: inout Pump, into sink: inout some ByteSink) throws(DecompressionError.Cause) -> Bool {
        guard pump.input.starts(with: Compression.bzip2.magic) else { throw .foreign }
        // On the heap, because libbz2 refuses a stream whose address has changed.
        let stream = UnsafeMutablePointer<bz_stream>.allocate(capacity: 1)
        stream.initialize(to: bz_stream())
        defer { stream.deallocate() }
        guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else { throw .corrupt("libbz2 has no memory") }
        defer { BZ2_bzDecompressEnd(stream) }
        return try pump.run(into: &sink) { source, target in
            // libbz2 does not write through next_in.
            stream.pointee.next_in = UnsafeMutableRawPointer(mutating: UnsafeRawPointer(source.baseAddress))?
                .assumingMemoryBound(to: CChar.self)
            stream.pointee.avail_in = UInt32(clamping: source.count)
            stream.pointee.next_out = UnsafeMutableRawPointer(target.baseAddress)?
                .assumingMemoryBound(to: CChar.self)
            stream.pointee.avail_out = UInt32(clamping: target.count)
            let offered = Int(stream.pointee.avail_in)
            let status = BZ2_bzDecompress(stream)
            return Pump.Step(
                status: status == BZ_STREAM_END
                    ? .end : status == BZ_OK ? .more : .failed("libbz2 error \(status)"),
                consumed: offered - Int(stream.pointee.avail_in),
                produced: target.count - Int(stream.pointee.avail_out)
            )
        }
    }
}
