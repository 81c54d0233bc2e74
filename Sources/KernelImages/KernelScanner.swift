/// Looks through a kernel for all that is wanted of it, and for its banner on the way.
struct KernelScanner: ByteSink {
    private var configScanner: EmbeddedConfigScanner?
    private var typesScanner: EmbeddedTypesScanner?
    private var bannerScanner = BannerScanner()
    /// How many bytes were looked through.
    private(set) var count = 0

    init(wanted: Set<KernelImage.Part>) {
        configScanner = wanted.contains(.config) ? EmbeddedConfigScanner() : nil
        typesScanner = wanted.contains(.types) ? EmbeddedTypesScanner() : nil
    }

    /// The gzip data of the config.
    var config: [UInt8]? { configScanner?.found }
    /// The kernel's types.
    var types: [UInt8]? { typesScanner?.found }
    var banner: String? { bannerScanner.banner }
    var release: String? { bannerScanner.release }
    /// Forgets the types that were found.
    mutating func dropTypes() { typesScanner = nil }

    var hasFound: Bool { config != nil || types != nil }

    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        count += bytes.count
        bannerScanner.take(bytes)
        // Separately, so that none misses bytes because another has enough.
        let wantsConfig = configScanner?.take(bytes) ?? false
        let wantsTypes = typesScanner?.take(bytes) ?? false
        // The banner is wanted whether it stands before what was found or behind it: it says whose that is.
        return wantsConfig || wantsTypes || bannerScanner.banner == nil
    }
}

/// Finds the banner that every kernel prints first: `Linux version 6.1.192 (…) …`.
struct BannerScanner {
    private static let start = Array("Linux version ".utf8)
    /// The most bytes of a banner.
    private static let limit = 1024

    /// From the banner's beginning on.
    private var text: [UInt8] = []
    /// The end of what was looked through, in which the banner may have begun.
    private var carry: [UInt8] = []

    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) {
        if !text.isEmpty {
            text += bytes.prefix(Self.limit - text.count)
            return
        }
        let window = carry + bytes
        var from = 0
        while let position = window.position(of: Self.start, from: from) {
            from = position + Self.start.count
            guard from < window.count else { break }
            // What follows must begin with a digit: the format string of the banner does not.
            guard (0x30...0x39).contains(window[from]) else { continue }
            text = Array(window[position...].prefix(Self.limit))
            carry = []
            return
        }
        carry = window.suffix(Self.start.count)
    }

    /// The banner's line without what is not printable ASCII.
    var banner: String? {
        guard !text.isEmpty else { return nil }
        return String(decoding: text.prefix { $0 != 0 && $0 != 0x0a }.filter { $0 >= 0x20 && $0 < 0x7f }, as: UTF8.self)
    }

    /// The third word, `nil` where none ends soon.
    var release: String? {
        let rest = text.dropFirst(Self.start.count)
        let word = rest.prefix(64).prefix { $0 > 0x20 && $0 < 0x7f }
        return word.isEmpty || word.count >= min(64, rest.count) ? nil : String(decoding: word, as: UTF8.self)
    }
}
