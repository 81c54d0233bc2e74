#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Looks through a kernel for the config that `CONFIG_IKCONFIG` embeds: `IKCFG_ST`, gzip data, `IKCFG_ED`.
///
/// The markers are those of the tree's `kernel/configs.c`. The start of the gzip data is part of what is looked for, so
/// that a program which only mentions the marker is passed over.
struct EmbeddedConfigScanner: ByteSink {
    /// The gzip data found, from its first byte on; `nil` where none was.
    private(set) var found: [UInt8]?
    /// The first kernel's banner, `Linux version 6.1.192 (me@here) (gcc …) #1 SMP`, without what follows its line.
    private(set) var banner: String?
    /// The release in the banner.
    var release: String? {
        banner.flatMap { $0.dropFirst(Self.bannerStart.count).split(separator: " ").first.map { String($0) } }
    }
    /// How many bytes were looked through.
    private(set) var count = 0
    private var isComplete = false
    /// The end of what was looked through, in which a marker may have begun.
    private var carry: [UInt8] = []

    /// The most bytes of gzip data taken; the largest real configs have below 128 KiB.
    private static let limit = 4 << 20
    /// Longer than any marker and than a banner.
    private static let overlap = 1024
    private static let start = Array("IKCFG_ST".utf8) + Compression.gzip.magic
    private static let end = Array("IKCFG_ED".utf8)
    private static let bannerStart = Array("Linux version ".utf8)

    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        count += bytes.count
        // The banner is wanted whether it stands before the config or behind it: it says whose the config is.
        let window = carry + bytes
        if banner == nil { banner = Self.banner(in: window) }
        carry = window.suffix(Self.overlap)
        if let found, !isComplete {
            let from = max(0, found.count - Self.end.count)
            self.found = nil
            finish(found + bytes, searchingFrom: from)
        } else if found == nil, let position = Self.position(of: Self.start, in: window[...]) {
            finish(Array(window[(position + 8)...]), searchingFrom: 0)
        }
        return !isComplete || banner == nil
    }

    private mutating func finish(_ data: [UInt8], searchingFrom offset: Int) {
        let end = Self.position(of: Self.end, in: data[offset...])
        isComplete = end != nil || data.count >= Self.limit
        found = end.map { Array(data[..<$0]) } ?? data
    }

    private static func position(of pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBytes { area in
            guard let base = area.baseAddress, let first = pattern.first else { return nil }
            var offset = 0
            while offset + pattern.count <= area.count {
                // memmem(3) is a GNU extension that Swift's Glibc module lacks.
                let room = area.count - pattern.count - offset + 1
                guard let hit = memchr(base + offset, Int32(first), room) else { return nil }
                offset = UnsafeRawPointer(hit) - base
                if memcmp(hit, pattern, pattern.count) == 0 { return bytes.startIndex + offset }
                offset += 1
            }
            return nil
        }
    }

    /// The line that begins with `Linux version ` and a digit: the format string of the banner has none.
    private static func banner(in window: [UInt8]) -> String? {
        var rest = window[...]
        while let position = position(of: bannerStart, in: rest) {
            let line = rest[position...].prefix(overlap / 2).prefix { $0 >= 0x20 && $0 < 0x7f }
            rest = rest[(position + bannerStart.count)...]
            let word = rest.prefix(64).prefix { $0 > 0x20 && $0 < 0x7f }
            // A line that goes on behind the window is read with the next piece.
            if let first = word.first, (0x30...0x39).contains(first), word.count < 64, line.endIndex < window.endIndex {
                return String(decoding: line, as: UTF8.self)
            }
        }
        return nil
    }
}
