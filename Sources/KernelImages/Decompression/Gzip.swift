import CZlib

/// Reading of gzip data (RFC 1952) in this process, so that a missing or different `zcat` changes nothing.
package enum Gzip {
    /// Whether data begins as a gzip file does.
    package static func isGzip(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.starts(with: [0x1f, 0x8b])
    }

    /// Inflates all members of a gzip file, one after the other.
    ///
    /// Bytes after the last member are ignored, as gzip(1) does.
    static func run(_ pump: inout Pump, into sink: inout some ByteSink) throws(DecompressionError.Cause) -> Bool {
        guard isGzip(pump.input) else { throw .foreign }
        // On the heap, because zlib refuses a stream whose address has changed.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        // 15 is the largest window, 16 more asks for the gzip wrapper with its CRC.
        let started = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard started == Z_OK else { throw .corrupt(words(stream, started)) }
        defer { inflateEnd(stream) }

        while isGzip(pump.input) {
            let isAtEnd = try pump.run(into: &sink) { source, target in
                // zlib does not write through next_in; its type only says so for old compilers' sake.
                stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                stream.pointee.avail_in = UInt32(clamping: source.count)
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = UInt32(clamping: target.count)
                let offered = Int(stream.pointee.avail_in)
                let status = CZlib.inflate(stream, Z_NO_FLUSH)
                return Pump.Step(
                    status: status == Z_STREAM_END
                        ? .end : status == Z_OK || status == Z_BUF_ERROR ? .more : .failed(words(stream, status)),
                    consumed: offered - Int(stream.pointee.avail_in),
                    produced: target.count - Int(stream.pointee.avail_out)
                )
            }
            guard isAtEnd else { return false }
            inflateReset(stream)
        }
        return true
    }

    /// Inflates a whole gzip file, as ``Compression/decompressed(_:limit:)`` does.
    package static func inflate(_ bytes: [UInt8], limit: Int) throws(DecompressionError) -> [UInt8] {
        try Compression.gzip.decompressed(bytes[...], limit: limit)
    }

    private static func words(_ stream: UnsafePointer<z_stream>, _ status: Int32) -> String {
        stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)"
    }
}
