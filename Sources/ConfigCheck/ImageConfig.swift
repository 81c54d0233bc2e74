import KernelImages
import SystemPackage

/// The config that a kernel image embeds, and what its kernel calls itself.
enum ImageConfig {
    /// The text of the config in an image, inflated, and the image's kernel, `nil` where nothing names it.
    ///
    /// - Throws: `ConfigSourceError.Cause`, which tells an image without a config from one that could not be read.
    static func read(
        _ path: FilePath
    ) throws(ConfigSourceError.Cause) -> (text: [UInt8], kernel: RunningKernel?) {
        let contents = try contents(of: path)
        guard let config = contents.config else { throw .noEmbeddedConfig(contents.search) }
        return (config, contents.banner.flatMap { RunningKernel(banner: $0) })
    }

    /// What the kernel in an image calls itself, whether or not a config is embedded; `nil` where nothing says.
    ///
    /// - Throws: `ConfigSourceError.Cause` for a file that is no image.
    static func kernel(in path: FilePath) throws(ConfigSourceError.Cause) -> RunningKernel? {
        try contents(of: path).banner.flatMap { RunningKernel(banner: $0) }
    }

    private static func contents(of path: FilePath) throws(ConfigSourceError.Cause) -> ImageContents {
        do {
            return try KernelImage.contents(of: path, wanted: [.config])
        } catch {
            throw switch error {
            case .refused(let errno): ConfigFile.cause(of: errno, at: path)
            case .tooLarge(let limit): .tooLarge(limit: limit)
            case .input(let error): .input(error)
            case .notAnImage: .notAnImage
            case .unreadable(let search): .unreadableImage(search)
            case .damagedConfig(let error): .compressed(error)
            }
        }
    }
}

extension ImageSearch {
    /// Why an image that was looked through has no config, and what to use instead.
    var absence: String {
        "it embeds no config: no IKCFG_ST in \(searched.joined(separator: " or in ")), so the kernel was built without "
            + "CONFIG_IKCONFIG=y; \(remedy)"
    }

    /// Why nobody knows whether an image has a config.
    var failure: String {
        "no IKCFG_ST in \(searched.joined(separator: " or in ")), and its kernel could not be read: "
            + "\(failed.joined(separator: "; ")); \(remedy)"
    }

    private var remedy: String {
        let example = release.map { " such as /boot/config-\(printable($0)), or configs.ko" } ?? ""
        return "use --config with the kernel's config file\(example)"
    }
}
