import CLZO

/// Reading of the container of lzop(1) with liblzo2: a header, then blocks, each behind its two sizes and checksums.
///
/// The checksums are skipped, as the kernel's own `lib/decompress_unlzo.c` skips them.
enum LZO {
    /// The largest block lzop writes.
    private static let blockSize = 64 << 20

    /// Flags of the header: which checksums follow a block's sizes, and whether more fields follow.
    private enum Flag {
        static let adler32Decompressed: UInt32 = 1 << 0
        static let adler32Compressed: UInt32 = 1 << 1
        static let extraField: UInt32 = 1 << 6
        static let crc32Decompressed: UInt32 = 1 << 8
        static let crc32Compressed: UInt32 = 1 << 9
        static let filter: UInt32 = 1 << 11
    }

    /// Decompresses blocks up to the one of size 0; bytes after it are ignored.
    static func run(_ pump: inout Pump, into sink: inout some ByteSink) throws(DecompressionError.Cause) -> Bool {
        let flags = try header(&pump.input)
        let ofDecompressed = count(of: [Flag.adler32Decompressed, Flag.crc32Decompressed], in: flags)
        let ofCompressed = count(of: [Flag.adler32Compressed, Flag.crc32Compressed], in: flags)
        var block: [UInt8] = []
        while true {
            let size = Int(try number(&pump.input))
            if size == 0 { return true }
            let compressed = Int(try number(&pump.input))
            guard size <= blockSize, compressed > 0, compressed <= size else {
                throw .corrupt("a block of \(size) bytes in \(compressed)")
            }
            guard size <= pump.budget else { throw .tooLarge(limit: 0) }
            try skip(4 * (ofDecompressed + (compressed < size ? ofCompressed : 0)), in: &pump.input)
            guard compressed <= pump.input.count else { throw .truncated }
            let data = pump.input.prefix(compressed)
            if compressed == size {
                block = Array(data)
            } else {
                block = [UInt8](repeating: 0, count: size)
                var produced = lzo_uint(size)
                let status = data.withUnsafeBufferPointer { source in
                    block.withUnsafeMutableBufferPointer {
                        lzo1x_decompress_safe(source.baseAddress, lzo_uint(compressed), $0.baseAddress, &produced, nil)
                    }
                }
                guard status == LZO_E_OK, Int(produced) == size else { throw .corrupt("liblzo2 error \(status)") }
            }
            pump.input = pump.input.dropFirst(compressed)
            let wantsMore = try block.withUnsafeBufferPointer { (bytes) throws(DecompressionError.Cause) in
                try pump.hand(bytes, to: &sink)
            }
            guard wantsMore else { return false }
        }
    }

    /// Reads the header up to its checksum.
    ///
    /// - Returns: Its flags.
    private static func header(_ input: inout ArraySlice<UInt8>) throws(DecompressionError.Cause) -> UInt32 {
        let magic = Compression.lzo.magic
        guard input.starts(with: magic) else { throw .foreign }
        input = input.dropFirst(magic.count)
        guard let version = input.bigEndian16(at: 0) else { throw .truncated }
        // The version, the library's version, and since 0.94 the version needed to extract; method; since 0.94 level.
        try skip(version >= 0x940 ? 8 : 5, in: &input)
        let flags = try number(&input)
        if flags & Flag.filter != 0 { try skip(4, in: &input) }
        // Mode, time of change, and since 0.94 its upper half.
        try skip(version >= 0x940 ? 12 : 8, in: &input)
        guard let nameLength = input.first else { throw .truncated }
        try skip(1 + Int(nameLength) + 4, in: &input)
        if flags & Flag.extraField != 0 {
            let length = Int(try number(&input))
            try skip(length + 4, in: &input)
        }
        return flags
    }

    private static func count(of flags: [UInt32], in all: UInt32) -> Int {
        flags.count { all & $0 != 0 }
    }

    private static func number(_ input: inout ArraySlice<UInt8>) throws(DecompressionError.Cause) -> UInt32 {
        guard let number = input.littleEndian32(at: 0)?.byteSwapped else { throw .truncated }
        input = input.dropFirst(4)
        return number
    }

    private static func skip(_ count: Int, in input: inout ArraySlice<UInt8>) throws(DecompressionError.Cause) {
        guard count <= input.count else { throw .truncated }
        input = input.dropFirst(count)
    }
}
