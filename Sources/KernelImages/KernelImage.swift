import FileBytes
public import SystemPackage

/// Finding what a kernel image embeds: its config (`CONFIG_IKCONFIG`) and its types (BTF, `CONFIG_DEBUG_INFO_BTF`).
///
/// An image is a `vmlinux`, `bzImage`, `vmlinuz`, `Image.gz` and the like, a unified kernel image, an EFI program that unpacks
/// itself (`vmlinuz.efi`), or `configs.ko`; a file of BTF alone, such as
/// `/sys/kernel/btf/vmlinux`, is searched the same way. The tree's `scripts/extract-vmlinux` and `scripts/extract-ikconfig` do
/// it with seven programs, of which the host may lack some.
public enum KernelImage {
    /// What can be embedded in an image.
    public enum Part: Sendable, Hashable, CaseIterable {
        /// The text of the config.
        case config
        /// The types of the kernel, in the format of BTF.
        case types
    }

    /// The most bytes of a file that are looked through; a `vmlinux` with debug information may have a gigabyte.
    public static let fileLimit = 4 << 30
    /// The most bytes of a file that are searched for compressed kernels.
    static let compressedLimit = 256 << 20
    /// The most bytes decompressed from one image, all attempts together.
    static let decompressedLimit = 1 << 30
    /// The most bytes that a config may inflate to; the largest real ones are below 0.5 MiB.
    static let configLimit = 64 << 20
    /// How many places that look like compressed data are tried; a magic of three bytes is often chance.
    private static let attemptLimit = 256

    /// Looks an image through for its parts, until all that are wanted are found.
    ///
    /// Blocks on the file. At most 256 MiB of a compressed image are held in memory, of what it decompresses to only the
    /// parts that are found.
    ///
    /// - Parameters:
    ///   - path: The image.
    ///   - wanted: What to look for.
    /// - Returns: What was found. A part that the image does not embed is `nil`, and the search says where it was looked for.
    /// - Throws: ``KernelImageError``, where nobody can say what the image embeds.
    public static func contents(
        of path: FilePath,
        wanted: Set<Part>
    ) throws(KernelImageError) -> ImageContents {
        var scanner = KernelScanner(wanted: wanted)
        var image = try read(path, into: &scanner)
        var search = ImageSearch()
        search.searched = ["the file (\(ImageSearch.size(scanner.count)))"]
        var efi = EFIProgram(image)
        if let kernel = efi?.unifiedKernel {
            // The image's initramfs has modules, with types and names of their own.
            image = Array(image[kernel])
            scanner = KernelScanner(wanted: wanted)
            _ = image.withUnsafeBufferPointer { scanner.take($0) }
            search.searched = ["its section .linux (\(ImageSearch.size(image.count)))"]
            efi = EFIProgram(image)
        }
        search.release = scanner.release
        let header = BootProtocol(image[...])
        // lz4 and lzo keep what they cannot make smaller: what looks like types there has their own bytes in between.
        let payload = header?.payload ?? efi?.zbootPayload
        if payload != nil || Compression.beginning(image) != nil { scanner.dropTypes() }
        let isPlain = isELF(image)
        // Where a part of a kernel was found, nothing else in the file can be the kernel.
        if isPlain, scanner.hasFound { return try ImageContents(scanner, search) }
        var budget = decompressedLimit
        search.release = header?.release ?? search.release
        search.name = header?.name
        if let payload {
            // What the header names is the kernel: if it was read to its end, nothing else in the file can be.
            let found = look(in: image[payload], wanted, budget: &budget, search: &search)
            if let found { return try ImageContents(found, search) }
            if search.searched.count > 1 { return ImageContents(search) }
        }
        // Compressed data has what cannot be compressed in pieces as it is, a config's gzip data too: it must be whole.
        if !isPlain, scanner.hasFound, isWhole(scanner.config) { return try ImageContents(scanner, search) }
        if let found = tryEachMagic(in: image, wanted, budget: &budget, search: &search) {
            return try ImageContents(found, search)
        }
        search.banner = search.banner ?? scanner.banner
        // Only where a kernel's banner was seen was a kernel looked through; a bzImage's own release is no banner.
        let isSeen = header == nil ? search.release != nil : search.hasKernel
        if isSeen { return ImageContents(search) }
        throw search.failed.isEmpty ? .notAnImage : .unreadable(search)
    }

    /// Whether bytes begin as an ELF file or a bzImage does.
    package static func isLike(_ bytes: [UInt8]) -> Bool { isELF(bytes) || BootProtocol(bytes[...]) != nil }

    private static func isELF(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) }

    private static func isWhole(_ config: [UInt8]?) -> Bool {
        config.map { (try? Gzip.inflate($0, limit: configLimit)) != nil } ?? true
    }

    /// Decompresses what begins at a magic and looks through it.
    ///
    /// - Returns: The scanner that found something; `nil` if nothing was, and then `search` says how far it was looked for.
    private static func look(
        in data: ArraySlice<UInt8>,
        _ wanted: Set<Part>,
        budget: inout Int,
        search: inout ImageSearch
    ) -> KernelScanner? {
        guard let compression = Compression.beginning(data) else {
            let magic = data.prefix(6).map { byte in
                (0x20..<0x7f).contains(byte)
                    ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
            search.failed.append(
                "the payload at byte \(data.startIndex) begins with '\(magic.joined())', no known compression"
            )
            return nil
        }
        var scanner = KernelScanner(wanted: wanted)
        let place = "the \(compression.rawValue) data at byte \(data.startIndex)"
        do {
            _ = try compression.decompress(data, into: &scanner, budget: &budget)
            search.searched.append("\(place) (\(ImageSearch.size(scanner.count)))")
        } catch  where !scanner.hasFound {
            let reason =
                error.cause == .tooLarge(limit: 0)
                ? "it inflates to more than \(decompressedLimit >> 20) MiB" : "\(error)"
            search.failed.append("\(place): \(reason)")
        } catch {
            // Something was found in front of the damage. A config's own checksum tells whether it is whole, and types are
            // taken only whole.
        }
        search.release = search.release ?? scanner.release
        search.banner = search.banner ?? scanner.banner
        search.hasKernel = search.hasKernel || scanner.release != nil
        return scanner.hasFound ? scanner : nil
    }

    private static func tryEachMagic(
        in image: [UInt8],
        _ wanted: Set<Part>,
        budget: inout Int,
        search: inout ImageSearch
    ) -> KernelScanner? {
        var isFirst = [Bool](repeating: false, count: 256)
        for first in Compression.allCases.compactMap(\.magic.first) { isFirst[Int(first)] = true }
        var attempts = 0
        var kept = search
        for position in image.indices where isFirst[Int(image[position])] {
            guard let compression = Compression.beginning(image[position...]) else { continue }
            attempts += 1
            guard attempts <= attemptLimit, budget > 0 else { break }
            var tried = ImageSearch()
            let found = look(in: image[position...], wanted, budget: &budget, search: &tried)
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

    /// Reads a file through the scanner, until that has found all it wants.
    ///
    /// - Returns: The file's bytes; empty for one that is too large to be a compressed image.
    private static func read(
        _ path: FilePath,
        into scanner: inout KernelScanner
    ) throws(KernelImageError) -> [UInt8] {
        var image: [UInt8] = []
        var isKept = true
        var total = 0
        do throws(InputError) {
            try InputFile.stream(path.string, limit: fileLimit) { chunk in
                total += chunk.count
                isKept = isKept && total <= compressedLimit
                if isKept { image += chunk } else { image = [] }
                // Only of what is not compressed is the rest not worth reading.
                return scanner.take(chunk) || !isELF(image)
            }
        } catch {
            throw KernelImageError(error)
        }
        return image
    }
}
