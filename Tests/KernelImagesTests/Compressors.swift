import CBzip2
import CLZ4
import CLZMA
import CLZO
import CZstd
import KernelImages
import TestSupport
import Testing

/// Data as the kernel's build compresses it (`scripts/Makefile.lib`), without what the build appends.
func compressed(_ bytes: [UInt8], as compression: Compression) throws -> [UInt8] {
    var output = [UInt8](repeating: 0, count: bytes.count * 2 + 100_000)
    var count = output.count
    switch compression {
    case .gzip: return try gzip(bytes)
    case .xz:
        count = 0
        let status = lzma_easy_buffer_encode(
            6,
            LZMA_CHECK_CRC32,
            nil,
            bytes,
            bytes.count,
            &output,
            &count,
            output.count
        )
        try #require(status == LZMA_OK)
    case .lzma:
        let stream = UnsafeMutablePointer<lzma_stream>.allocate(capacity: 1)
        stream.initialize(to: lzma_stream())
        defer { stream.deallocate() }
        var options = lzma_options_lzma()
        try #require(lzma_lzma_preset(&options, 6) == 0)
        try #require(lzma_alone_encoder(stream, &options) == LZMA_OK)
        defer { lzma_end(stream) }
        try bytes.withUnsafeBufferPointer { source in
            try output.withUnsafeMutableBufferPointer { target in
                stream.pointee.next_in = source.baseAddress
                stream.pointee.avail_in = source.count
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = target.count
                try #require(lzma_code(stream, LZMA_FINISH) == LZMA_STREAM_END)
            }
        }
        count = Int(stream.pointee.total_out)
    case .bzip2:
        var length = UInt32(output.count)
        var input = bytes.map { CChar(bitPattern: $0) }
        let status = output.withUnsafeMutableBytes {
            BZ2_bzBuffToBuffCompress(
                $0.baseAddress?.assumingMemoryBound(to: CChar.self),
                &length,
                &input,
                UInt32(bytes.count),
                9,
                0,
                0
            )
        }
        try #require(status == BZ_OK)
        count = Int(length)
    case .lz4: return try lz4(bytes)
    case .lzo: return try lzop(bytes)
    case .zstd:
        count = ZSTD_compress(&output, output.count, bytes, bytes.count, 19)
        try #require(ZSTD_isError(count) == 0)
    }
    return Array(output.prefix(count))
}

/// As `lz4 -l` writes it: blocks of 8 MiB.
private func lz4(_ bytes: [UInt8]) throws -> [UInt8] {
    var file: [UInt8] = [0x02, 0x21, 0x4c, 0x18]
    for start in stride(from: 0, to: bytes.count, by: 8 << 20) {
        let block = bytes[start..<min(start + 8 << 20, bytes.count)].map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: Int(LZ4_compressBound(Int32(block.count))))
        let size = LZ4_compress_default(block, &output, Int32(block.count), Int32(output.count))
        try #require(size > 0)
        file += littleEndian(UInt32(size)) + output.prefix(Int(size)).map { UInt8(bitPattern: $0) }
    }
    return file
}

/// As `lz4` writes it: a frame with its checksums.
func lz4Frame(_ bytes: [UInt8]) throws -> [UInt8] {
    var output = [UInt8](repeating: 0, count: LZ4F_compressFrameBound(bytes.count, nil))
    let size = LZ4F_compressFrame(&output, output.count, bytes, bytes.count, nil)
    try #require(LZ4F_isError(size) == 0)
    return Array(output.prefix(size))
}

/// As `lzop` writes it: with the checksums that it writes, here zeroes, since readers of kernels skip them.
private func lzop(_ bytes: [UInt8]) throws -> [UInt8] {
    var file: [UInt8] = [0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a]
    file += [0x10, 0x40, 0x20, 0xa0, 0x09, 0x40, 1, 5]
    // The flags: an Adler-32 of the decompressed bytes behind the sizes of a block.
    file += [0, 0, 0, 1] + [UInt8](repeating: 0, count: 12) + [3] + Array("abc".utf8) + [0, 0, 0, 0]
    for start in stride(from: 0, to: bytes.count, by: 256 << 10) {
        let block = Array(bytes[start..<min(start + 256 << 10, bytes.count)])
        var output = [UInt8](repeating: 0, count: block.count + block.count / 16 + 67)
        var size = lzo_uint(output.count)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { memory.deallocate() }
        try #require(lzo1x_1_compress(block, lzo_uint(block.count), &output, &size, memory) == LZO_E_OK)
        let stored = Int(size) < block.count ? Array(output.prefix(Int(size))) : block
        file += littleEndian(UInt32(block.count)).reversed() + littleEndian(UInt32(stored.count)).reversed()
        file += [0, 0, 0, 0] + stored
    }
    return file + [0, 0, 0, 0]
}

/// A number's four bytes, the least significant first.
func littleEndian(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}
