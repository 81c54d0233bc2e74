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
    /// Whether a kernel's banner was in decompressed data.
    var hasKernel = false

    /// A number of bytes in words.
    static func size(_ count: Int) -> String {
        count >= 1 << 20 ? "\(count >> 20) MiB" : count >= 1 << 10 ? "\(count >> 10) KiB" : "\(count) bytes"
    }
}
