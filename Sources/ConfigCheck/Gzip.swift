import CZlib

/// Why a gzip file could not be inflated.
public enum GzipError: Error, Equatable, CustomStringConvertible {
    /// The first two bytes are not `1f 8b`.
    case notGzip
    /// The data ends before the stream does.
    case truncated
    /// The data contradicts itself: zlib's words, such as `incorrect data check` for a wrong CRC.
    case corrupt(String)
    /// The inflated data would be larger than this many bytes.
    case tooLarge(limit: Int)

    /// What is wrong, for the middle of a message.
    public var description: String {
        switch self {
        case .notGzip: "it is not a gzip file"
        case .truncated: "its gzip data ends too early"
        case .corrupt(let words): "its gzip data is damaged (\(words))"
        case .tooLarge(let limit): "it inflates to more than \(limit >> 20) MiB"
        }
    }
}

/// Reading of gzip files (RFC 1952) in this process, so that a missing or different `zcat` changes nothing.
enum Gzip {
    /// Whether data begins as a gzip file does.
    static func isGzip(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.starts(with: [0x1f, 0x8b])
    }

    /// Inflates all members of a gzip file.
    ///
    /// Bytes after the last member are ignored, as gzip(1) does.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - limit: The most bytes that may come out: a 64 KiB file can hold 64 MiB of zeroes.
    /// - Returns: What the members hold, one after the other.
    /// - Throws: ``GzipError``. Empty content and bytes after the last member are no errors.
    static func inflate(_ bytes: [UInt8], limit: Int) throws(GzipError) -> [UInt8] {
        guard isGzip(bytes) else { throw .notGzip }
        var stream = z_stream()
        // 15 is the largest window, 16 more asks for the gzip wrapper with its CRC.
        let started = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard started == Z_OK else { throw .corrupt(words(stream, started)) }
        defer { inflateEnd(&stream) }

        var output: [UInt8] = []
        var input = bytes[...]
        while isGzip(input) {
            try inflateMember(&stream, &input, into: &output, limit: limit)
            inflateReset(&stream)
        }
        return output
    }

    private static func inflateMember(
        _ stream: inout z_stream,
        _ input: inout ArraySlice<UInt8>,
        into output: inout [UInt8],
        limit: Int
    ) throws(GzipError) {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let (status, consumed, produced) = input.withUnsafeBufferPointer { source in
                chunk.withUnsafeMutableBufferPointer { target in
                    // zlib does not write through next_in; its type only says so for old compilers' sake.
                    stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                    stream.avail_in = UInt32(clamping: source.count)
                    stream.next_out = target.baseAddress
                    stream.avail_out = UInt32(clamping: target.count)
                    let offered = stream.avail_in
                    let status = CZlib.inflate(&stream, Z_NO_FLUSH)
                    return (status, Int(offered - stream.avail_in), target.count - Int(stream.avail_out))
                }
            }
            guard output.count + produced <= limit else { throw .tooLarge(limit: limit) }
            output += chunk[..<produced]
            input = input.dropFirst(consumed)
            switch status {
            case Z_STREAM_END: return
            case Z_OK where consumed > 0 || produced > 0: continue
            case Z_OK, Z_BUF_ERROR: throw .truncated
            default: throw .corrupt(words(stream, status))
            }
        }
    }

    private static func words(_ stream: z_stream, _ status: Int32) -> String {
        stream.msg.map { String(cString: $0) } ?? "zlib error \(status)"
    }
}
