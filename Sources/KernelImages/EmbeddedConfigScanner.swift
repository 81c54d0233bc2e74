/// Looks through a kernel for the config that `CONFIG_IKCONFIG` embeds: `IKCFG_ST`, gzip data, `IKCFG_ED`.
///
/// The markers are those of the tree's `kernel/configs.c`. The start of the gzip data is part of what is looked for, so
/// that a program which only mentions the marker is passed over.
struct EmbeddedConfigScanner {
    /// The gzip data found, from its first byte on; `nil` where none was.
    private(set) var found: [UInt8]?
    private var isComplete = false
    /// The end of what was looked through, in which a marker may have begun.
    private var carry: [UInt8] = []

    /// The most bytes of gzip data taken; the largest real configs have below 128 KiB.
    private static let limit = 4 << 20
    /// Longer than any marker.
    private static let overlap = 16
    private static let start = Array("IKCFG_ST".utf8) + Compression.gzip.magic
    private static let end = Array("IKCFG_ED".utf8)

    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if isComplete { return false }
        if let found {
            let from = max(0, found.count - Self.end.count)
            self.found = nil
            finish(found + bytes, searchingFrom: from)
            return !isComplete
        }
        let window = carry + bytes
        if let position = window.position(of: Self.start, from: 0) {
            finish(Array(window[(position + 8)...]), searchingFrom: 0)
            carry = []
            return !isComplete
        }
        carry = window.suffix(Self.overlap)
        return true
    }

    private mutating func finish(_ data: [UInt8], searchingFrom offset: Int) {
        let end = data.position(of: Self.end, from: offset)
        isComplete = end != nil || data.count >= Self.limit
        found = end.map { Array(data[..<$0]) } ?? data
    }
}
