/// How a file, or the kernel inside an image, is compressed: what `scripts/Makefile.lib` of a kernel tree can choose.
public enum Compression: String, Sendable, CaseIterable {
    /// RFC 1952, by zlib.
    case gzip
    /// The xz container, by liblzma.
    case xz
    /// The older format of lzma(1), by liblzma.
    case lzma
    /// By libbz2.
    case bzip2
    /// The legacy frames that `lz4 -l` writes and the kernel reads, and those that lz4(1) writes otherwise, by liblz4.
    case lz4
    /// The container of lzop(1), by liblzo2.
    case lzo
    /// By libzstd.
    case zstd

    /// The bytes that compressed data begins with.
    var magic: [UInt8] {
        switch self {
        case .gzip: [0x1f, 0x8b, 0x08]
        case .xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]
        // Properties lc=3 lp=0 pb=2, which every lzma encoder writes by default, and a dictionary of whole 64 KiB.
        case .lzma: [0x5d, 0x00, 0x00]
        case .bzip2: [0x42, 0x5a, 0x68]
        case .lz4: [0x02, 0x21, 0x4c, 0x18]
        case .lzo: [0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a]
        case .zstd: [0x28, 0xb5, 0x2f, 0xfd]
        }
    }

    /// The compression that data begins with, `nil` for none that is known.
    package static func beginning(_ bytes: some Collection<UInt8>) -> Compression? {
        bytes.starts(with: LZ4.frameMagic) ? .lz4 : allCases.first { bytes.starts(with: $0.magic) }
    }

    /// Decompresses data piece by piece.
    ///
    /// Bytes behind the end of the compressed data are ignored: the kernel's build appends the size there.
    ///
    /// - Parameters:
    ///   - input: The data, from its magic on.
    ///   - sink: What takes the pieces.
    ///   - budget: The most bytes that may come out, less those that did.
    /// - Returns: Whether the end was reached; `false` where the sink had enough.
    /// - Throws: ``DecompressionError``.
    func decompress(
        _ input: ArraySlice<UInt8>,
        into sink: inout some ByteSink,
        budget: inout Int
    ) throws(DecompressionError) -> Bool {
        var pump = Pump(input: input, budget: budget)
        defer { budget = pump.budget }
        do throws(DecompressionError.Cause) {
            return switch self {
            case .gzip: try Gzip.run(&pump, into: &sink)
            case .xz, .lzma: try LZMA.run(&pump, into: &sink, isAlone: self == .lzma)
            case .bzip2: try Bzip2.run(&pump, into: &sink)
            case .lz4: try LZ4.run(&pump, into: &sink)
            case .lzo: try LZO.run(&pump, into: &sink)
            case .zstd: try Zstandard.run(&pump, into: &sink)
            }
        } catch {
            throw DecompressionError(compression: self, cause: error)
        }
    }

    /// Decompresses data as a whole.
    ///
    /// - Parameters:
    ///   - bytes: The data, from its magic on.
    ///   - limit: The most bytes that may come out: a 64 KiB file can hold 64 MiB of zeroes.
    /// - Returns: The decompressed data.
    /// - Throws: ``DecompressionError``. Empty content and bytes behind the end are no errors.
    func decompressed(_ bytes: ArraySlice<UInt8>, limit: Int) throws(DecompressionError) -> [UInt8] {
        var sink = CollectingSink()
        var budget = limit
        do {
            _ = try decompress(bytes, into: &sink, budget: &budget)
        } catch {
            throw error.cause == .tooLarge(limit: 0)
                ? DecompressionError(compression: self, cause: .tooLarge(limit: limit)) : error
        }
        return sink.bytes
    }
}

/// Why compressed data could not be decompressed.
public struct DecompressionError: Error, Equatable, CustomStringConvertible {
    /// How the data says it is compressed.
    public let compression: Compression
    /// What came in the way.
    public let cause: Cause

    /// What can be wrong with compressed data.
    public enum Cause: Error, Equatable {
        /// The data does not begin as its compression does.
        case foreign
        /// The data ends before it is complete.
        case truncated
        /// The data contradicts itself: the library's words, such as `incorrect data check` for a wrong CRC.
        case corrupt(String)
        /// The decompressed data would be larger than this many bytes.
        case tooLarge(limit: Int)
    }

    /// What is wrong, for the middle of a message.
    public var description: String {
        switch cause {
        case .foreign: "it is not a \(compression.rawValue) file"
        case .truncated: "its \(compression.rawValue) data ends too early"
        case .corrupt(let words): "its \(compression.rawValue) data is damaged (\(words))"
        case .tooLarge(let limit): "it inflates to more than \(limit >> 20) MiB"
        }
    }
}
