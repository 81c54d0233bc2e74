import CLZ4

/// Reading of lz4 data with liblz4: of the legacy format (a magic number, then blocks, each behind its compressed size), which
/// the kernel's build writes, and of frames, which lz4(1) writes unless told otherwise.
enum LZ4 {
    /// What a frame begins with.
    static let frameMagic: [UInt8] = [0x04, 0x22, 0x4d, 0x18]
    /// Every block but the last decompresses to this many bytes.
    private static let blockSize = 8 << 20

    /// Decompresses blocks until the data ends, or until what `scripts/Makefile.lib` appends: the size of everything.
    static func run(_ pump: inout Pump, into sink: inout some ByteSink) throws(DecompressionError.Cause) -> Bool {
        if pump.input.starts(with: frameMagic) { return try runFrame(&pump, into: &sink) }
        let magic = Compression.lz4.magic
        guard pump.input.starts(with: magic) else { throw .foreign }
        pump.input = pump.input.dropFirst(magic.count)
        let block = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: blockSize)
        defer { block.deallocate() }
        var total = 0
        while !pump.input.isEmpty {
            guard let size = pump.input.littleEndian32(at: 0) else { throw .truncated }
            pump.input = pump.input.dropFirst(4)
            // Several frames may follow one another.
            if size == 0x184c_2102 { continue }
            if pump.input.isEmpty, total > 0, size == UInt32(truncatingIfNeeded: total) { return true }
            guard size > 0, size <= LZ4_compressBound(Int32(blockSize)) else {
                throw .corrupt("a block of \(size) bytes")
            }
            guard size <= pump.input.count else { throw .truncated }
            let produced = pump.input.prefix(Int(size)).withUnsafeBytes { source in
                LZ4_decompress_safe(
                    source.baseAddress?.assumingMemoryBound(to: CChar.self),
                    UnsafeMutableRawPointer(block.baseAddress)?.assumingMemoryBound(to: CChar.self),
                    Int32(size),
                    Int32(blockSize)
                )
            }
            guard produced > 0 else { throw .corrupt("lz4 error \(produced)") }
            pump.input = pump.input.dropFirst(Int(size))
            total += Int(produced)
            guard try pump.hand(UnsafeBufferPointer(rebasing: block[..<Int(produced)]), to: &sink) else {
                return false
            }
        }
        guard total > 0 else { throw .truncated }
        return true
    }

    /// Decompresses one frame; bytes after it are ignored.
    private static func runFrame(
        _ pump: inout Pump,
        into sink: inout some ByteSink
    ) throws(DecompressionError.Cause) -> Bool {
        var context: OpaquePointer?
        guard LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0, let context else {
            throw .corrupt("liblz4 has no memory")
        }
        defer { LZ4F_freeDecompressionContext(context) }
        return try pump.run(into: &sink) { source, target in
            var consumed = source.count
            var produced = target.count
            let hint = LZ4F_decompress(context, target.baseAddress, &produced, source.baseAddress, &consumed, nil)
            let failed = LZ4F_isError(hint) != 0
            return Pump.Step(
                status: failed
                    ? .failed(String(cString: LZ4F_getErrorName(hint))) : hint == 0 ? .end : .more,
                consumed: failed ? 0 : consumed,
                produced: failed ? 0 : produced
            )
        }
    }
}
