import SystemPackage

/// Finding the config in a kernel image: `vmlinux`, `bzImage`, `Image.gz` and the like, and in `configs.ko`.
///
/// The tree's `scripts/extract-ikconfig` does the same with seven programs, of which the host may lack some.
enum KernelImage {
    /// The most bytes of a file that are looked through; a `vmlinux` with debug information may have a gigabyte.
    static let fileLimit = 4 << 30
    /// The most bytes of a file that are searched for compressed kernels.
    static let compressedLimit = 256 << 20
    /// The most bytes decompressed from one image, all attempts together.
    static let decompressedLimit = 1 << 30
    /// How many places that look like compressed data are tried; a magic of three bytes is often chance.
    private static let attemptLimit = 256

    /// The text of the config in an image.
    ///
    /// - Returns: The config, inflated, and what the image's kernel calls itself, `nil` where nothing says.
    /// - Throws: `ConfigSourceError.Cause`, which tells an image without a config from one that could not be read.
    static func config(
        in path: FilePath
    ) throws(ConfigSourceError.Cause) -> (text: [UInt8], kernel: RunningKernel?) {
        var search = ImageSearch()
        let found = try embedded(in: path, search: &search)
        return (try inflated(found), search.kernel)
    }

    /// What the kernel in an image calls itself, whether or not a config is embedded; `nil` where nothing says.
    ///
    /// - Throws: `ConfigSourceError.Cause` for a file that is no image.
    static func kernel(in path: FilePath) throws(ConfigSourceError.Cause) -> RunningKernel? {
        var search = ImageSearch()
        do {
            _ = try embedded(in: path, search: &search)
        } catch .noEmbeddedConfig {
            // Most distributions' images have none.
        }
        return search.kernel
    }

    /// The gzip data of the config in an image; `search` says where it was looked for, whatever comes of it.
    private static func embedded(
        in path: FilePath,
        search: inout ImageSearch
    ) throws(ConfigSourceError.Cause) -> [UInt8] {
        var scanner = EmbeddedConfigScanner()
        let image = try read(path, into: &scanner)
        let isPlain = isELF(image)
        if isPlain {
            search.banner = scanner.banner
            if let found = scanner.found { return found }
        }
        search.searched = ["the file (\(ImageSearch.size(scanner.count)))"]
        search.release = scanner.release
        var budget = decompressedLimit
        let header = BootProtocol(image[...])
        search.release = header?.release ?? search.release
        search.name = header?.name
        if let header {
            // What the header names is the kernel: if it was read to its end, nothing else in the file can be.
            let payload = image[header.payload]
            if let found = look(in: payload, budget: &budget, search: &search) { return found }
            if search.searched.count > 1 { throw .noEmbeddedConfig(search) }
        }
        // Compressed data has what cannot be compressed in pieces as it is, a config's gzip data too: it must be whole.
        if !isPlain, let found = scanner.found, (try? inflated(found)) != nil {
            search.banner = scanner.banner
            return found
        }
        if let found = tryEachMagic(in: image, budget: &budget, search: &search) { return found }
        search.banner = search.banner ?? scanner.banner
        // Only where a kernel's banner was seen was a kernel looked through; a bzImage's own release is no banner.
        let isSeen = header == nil ? search.release != nil : search.hasKernel
        if isSeen { throw .noEmbeddedConfig(search) }
        throw search.failed.isEmpty ? .notAnImage : .unreadableImage(search)
    }

    /// Whether bytes begin as an ELF file or a bzImage does.
    static func isLike(_ bytes: [UInt8]) -> Bool {
        isELF(bytes) || BootProtocol(bytes[...]) != nil
    }

    private static func isELF(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46])
    }

    private static func inflated(_ data: [UInt8]) throws(ConfigSourceError.Cause) -> [UInt8] {
        do {
            return try Gzip.inflate(data, limit: ConfigFile.limit)
        } catch {
            throw .compressed(error)
        }
    }

    /// Decompresses what begins at a magic and looks through it.
    ///
    /// - Returns: The gzip data of a config; `nil` if there is none, and then `search` says how far it was looked for.
    private static func look(
        in data: ArraySlice<UInt8>,
        budget: inout Int,
        search: inout ImageSearch
    ) -> [UInt8]? {
        guard let compression = Compression.beginning(data) else {
            let magic = printable(data.prefix(6))
            search.failed.append("the payload at byte \(data.startIndex) begins with '\(magic)', no known compression")
            return nil
        }
        var scanner = EmbeddedConfigScanner()
        let place = "the \(compression.rawValue) data at byte \(data.startIndex)"
        do {
            _ = try compression.decompress(data, into: &scanner, budget: &budget)
            search.searched.append("\(place) (\(ImageSearch.size(scanner.count)))")
        } catch  where scanner.found == nil {
            let reason =
                error.cause == .tooLarge(limit: 0)
                ? "it inflates to more than \(decompressedLimit >> 20) MiB" : "\(error)"
            search.failed.append("\(place): \(reason)")
        } catch {
            // The config was found in front of the damage, and its own checksum will tell whether it is whole.
        }
        search.release = search.release ?? scanner.release
        search.banner = search.banner ?? scanner.banner
        search.hasKernel = search.hasKernel || scanner.release != nil
        return scanner.found
    }

    private static func tryEachMagic(
        in image: [UInt8],
        budget: inout Int,
        search: inout ImageSearch
    ) -> [UInt8]? {
        var isFirst = [Bool](repeating: false, count: 256)
        for first in Compression.allCases.compactMap(\.magic.first) { isFirst[Int(first)] = true }
        var attempts = 0
        var kept = search
        for position in image.indices where isFirst[Int(image[position])] {
            guard let compression = Compression.beginning(image[position...]) else { continue }
            attempts += 1
            guard attempts <= attemptLimit, budget > 0 else { break }
            var tried = ImageSearch()
            let found = look(in: image[position...], budget: &budget, search: &tried)
            search.release = search.release ?? tried.release
            search.banner = search.banner ?? tried.banner
            kept.release = search.release
            kept.banner = search.banner
            kept.hasKernel = kept.hasKernel || tried.hasKernel
            if let found { return found }
            // Kernels hold magics by chance and in their own decompressors' tables: only a kernel is worth a word, and
            // of failures those that may have been one.
            if position == 0 || tried.hasKernel { kept.searched += tried.searched }
            if position == 0 || compression.magic.count > 3 {
                kept.failed += tried.failed.prefix(max(0, 3 - kept.failed.count))
            }
        }
        search = kept
        return nil
    }

    /// Reads a file through the scanner, until that has found a config.
    ///
    /// - Returns: The file's bytes; empty for one that is too large to be a compressed image.
    private static func read(
        _ path: FilePath,
        into scanner: inout EmbeddedConfigScanner
    ) throws(ConfigSourceError.Cause) -> [UInt8] {
        var image: [UInt8] = []
        var isKept = true
        var total = 0
        var isTooLarge = false
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
            try descriptor.closeAfter {
                var chunk = [UInt8](repeating: 0, count: 1 << 20)
                while true {
                    let count = try chunk.withUnsafeMutableBytes { try descriptor.read(into: $0) }
                    total += count
                    isTooLarge = total > fileLimit
                    if count == 0 || isTooLarge { return }
                    isKept = isKept && total <= compressedLimit
                    if isKept { image += chunk[..<count] } else { image = [] }
                    // Only of what is not compressed is the rest not worth reading.
                    let isWanted = chunk[..<count].withUnsafeBufferPointer { scanner.take($0) }
                    if !isWanted, isELF(image) { return }
                }
            }
        } catch let errno as Errno {
            throw ConfigFile.cause(of: errno, at: path)
        } catch {
            throw .notAnImage
        }
        guard !isTooLarge else { throw .tooLarge(limit: fileLimit) }
        return image
    }
}
