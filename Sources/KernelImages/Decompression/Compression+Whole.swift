extension Compression {
    /// Decompresses data by whatever its magic says, as a whole.
    ///
    /// - Parameters:
    ///   - bytes: The data, from its magic on; bytes behind its end are no error.
    ///   - limit: The most bytes that may come out.
    /// - Returns: The decompressed data; `nil` where the data begins with no magic that is known.
    /// - Throws: ``DecompressionError``.
    package static func unpacked(_ bytes: ArraySlice<UInt8>, limit: Int) throws(DecompressionError) -> [UInt8]? {
        try beginning(bytes)?.decompressed(bytes, limit: limit)
    }

    /// Decompresses data piece by piece by whatever its magic says; data without a known magic is handed on as it is.
    ///
    /// - Parameters:
    ///   - bytes: The data, from its magic on.
    ///   - limit: The most bytes that may come out.
    ///   - body: Takes the pieces and says whether it wants more.
    /// - Returns: Whether the end was reached.
    /// - Throws: ``DecompressionError``.
    package static func unpack(
        _ bytes: ArraySlice<UInt8>,
        limit: Int,
        _ body: (UnsafeBufferPointer<UInt8>) -> Bool
    ) throws(DecompressionError) -> Bool {
        guard let compression = beginning(bytes) else { return bytes.withUnsafeBufferPointer(body) }
        return try withoutActuallyEscaping(body) { (body) throws(DecompressionError) -> Bool in
            var sink = CallingSink(body: body)
            var budget = limit
            return try compression.decompress(bytes, into: &sink, budget: &budget)
        }
    }
}

private struct CallingSink: ByteSink {
    let body: (UnsafeBufferPointer<UInt8>) -> Bool

    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { body(bytes) }
}
