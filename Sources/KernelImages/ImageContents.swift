public import FileBytes
public import SystemPackage

/// What was found in a kernel image.
public struct ImageContents: Sendable {
    /// The text of the config, inflated; `nil` where the image embeds none or it was not wanted.
    public let config: [UInt8]?
    /// The kernel's types, from the header of BTF to the end of its strings; `nil` where the image embeds none or they were
    /// not wanted.
    ///
    /// They are not looked into: see the reader of BTF for whether they make sense.
    public let types: [UInt8]?
    /// The kernel's banner, such as `Linux version 6.1.0-56-amd64 (…) #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)`.
    ///
    /// Printable ASCII only. Where the image's kernel shows none, what a bzImage's header says of it; `nil` where nothing does,
    /// as in a file of BTF alone.
    public let banner: String?
    /// Where the parts were looked for.
    public let search: ImageSearch

    init(_ search: ImageSearch) {
        config = nil
        types = nil
        banner = search.banner ?? search.name.map { "Linux version \($0)" }
        self.search = search
    }

    init(_ scanner: KernelScanner, _ search: ImageSearch) throws(KernelImageError) {
        do {
            config =
                if let data = scanner.config { try Gzip.inflate(data, limit: KernelImage.configLimit) } else { nil }
        } catch {
            throw .damagedConfig(error)
        }
        types = scanner.types
        banner = scanner.banner ?? search.banner ?? search.name.map { "Linux version \($0)" }
        self.search = search
    }

    /// The kernel's release, such as `6.1.0-56-amd64`, by its banner or the header of a bzImage.
    public var release: String? { search.release }
}

/// Why nobody can say what a file embeds.
public enum KernelImageError: Error, Sendable, Equatable {
    /// The system refused the file.
    case refused(Errno)
    /// The file is larger than this many bytes.
    case tooLarge(limit: Int)
    /// The path leads to something that is no file: a device, a socket, a pipe without a writer.
    case input(InputError)
    /// Nothing in the file was recognised as a kernel.
    case notAnImage
    /// The image's kernel could not be decompressed.
    case unreadable(ImageSearch)
    /// The config in the image cannot be inflated.
    case damagedConfig(DecompressionError)
}

extension KernelImageError {
    /// What reading a file says.
    init(_ error: InputError) {
        self =
            switch error {
            case .refused(let errno): .refused(errno)
            case .folder: .refused(.isDirectory)
            case .tooLarge(let limit): .tooLarge(limit: limit)
            case .device, .socket, .pipe, .noWriter, .endless: .input(error)
            }
    }
}

extension KernelImageError: CustomStringConvertible {
    /// A clause to follow the name of the file.
    public var description: String {
        switch self {
        case .refused(let errno): "it cannot be read: \(InputError.refused(errno))"
        case .tooLarge(let limit): "it is larger than \(limit >> 20) MiB, the most that is read of an image"
        case .input(let error): "\(error)"
        case .notAnImage:
            "it is no kernel image: neither types (BTF), a kernel's banner, a bzImage's header nor a compressed kernel is in it"
        case .unreadable(let search):
            "its kernel could not be read: \(search.failed.joined(separator: "; "))"
        case .damagedConfig(let error): "its config cannot be inflated: \(error)"
        }
    }
}
