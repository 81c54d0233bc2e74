/// Where in an image a config was looked for, for the message that says why there is none.
public struct ImageSearch: Sendable, Equatable {
    /// What was looked through to its end, such as `the file (13 MiB)`.
    public internal(set) var searched: [String] = []
    /// What could not be looked through, with the reason.
    public internal(set) var failed: [String] = []
    /// The kernel's release, as far as the image names it.
    public internal(set) var release: String?
    /// The first banner of a kernel in the image.
    var banner: String?
    /// What a bzImage's header calls the kernel.
    var name: String?
    /// What the image's kernel calls itself.
    var kernel: RunningKernel? {
        banner.flatMap { RunningKernel(banner: $0) } ?? name.flatMap { RunningKernel(banner: "Linux version \($0)") }
    }
    /// Whether a kernel's banner was in decompressed data.
    var hasKernel = false

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

    /// A number of bytes in words.
    static func size(_ count: Int) -> String {
        count >= 1 << 20 ? "\(count >> 20) MiB" : count >= 1 << 10 ? "\(count >> 10) KiB" : "\(count) bytes"
    }
}
