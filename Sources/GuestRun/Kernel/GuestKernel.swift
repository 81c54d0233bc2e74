import FileBytes
import Glibc
import KernelImages
import LinuxHost

/// A kernel that guests can boot, with all that was found beside it.
public struct GuestKernel: Sendable {
    /// What was named.
    public let name: String
    /// The image's file.
    public let image: String
    /// The digest of the image, by which records name it.
    public let sha256: String
    /// What QEMU is to boot: the unpacked kernel where it can be entered directly, else the image.
    public let bootFile: String
    /// Whether that is the unpacked kernel, entered through `CONFIG_PVH`.
    public let isDirect: Bool
    /// The kernel's release, such as `6.1.0-56-amd64`.
    public let release: String
    /// What `uname -v` will say.
    public let version: String
    /// The banner that the kernel prints first; `nil` where its unpacked form could not be searched.
    public let banner: String?
    /// Whether the kernel has its types (BTF) in it; `nil` where that could not be seen.
    public let hasTypes: Bool?
    /// Files that may be the kernel's config, the likeliest first; the image itself may embed one too.
    public let configCandidates: [String]
    /// Its modules; `nil` where there are none.
    public let modules: ModuleFolder?
    /// What had to be given up, one per line: a cache that cannot be written, say.
    public let notes: [String]

    /// Finds and unpacks a kernel.
    ///
    /// It blocks: unpacking takes some seconds the first time.
    ///
    /// - Parameters:
    ///   - name: A bzImage, a vmlinux, a unified kernel image, a kernel's `.deb`, the folder of an unpacked one, a built tree, or the
    ///     release of a kernel that is installed in `/boot` or `/lib/modules`.
    ///   - cache: Where unpacked kernels are kept; `nil` for nowhere, which makes guests start more slowly.
    /// - Throws: ``GuestKernelError``.
    public init(_ name: String, cache: CacheFolder?) throws(GuestKernelError) {
        do throws(GuestKernelError.Cause) {
            try self.init(KernelPlace(name, cache: cache), name, cache)
        } catch {
            throw GuestKernelError(path: name, cause: error)
        }
    }

    private init(_ place: KernelPlace, _ name: String, _ cache: CacheFolder?) throws(GuestKernelError.Cause) {
        var bytes: [UInt8]
        do {
            bytes = try InputFile.read(place.image, limit: 2 << 30)
        } catch {
            throw .refused("\(error)")
        }
        sha256 = SHA256.hex(bytes)
        var notes: [String] = []
        // What is booted without an unpacked kernel: the image, or what is in it.
        var whole: String? = place.image
        if let unified = EFIProgram(bytes)?.unifiedKernel {
            bytes = Array(bytes[unified])
            whole = cache?.keep("linux/\(sha256)", bytes)
        }
        let file = try KernelFile(bytes)
        var boot = whole
        var kernel: [UInt8]?
        var headerText: String?
        switch file {
        case .vmlinux:
            kernel = bytes
        case .bzImage(let payload, let text):
            headerText = text
            let (path, unpacked) = try Self.unpacked(bytes[payload], sha256, cache, &notes)
            kernel = unpacked
            if let path { boot = path }
        }
        let elf = kernel.flatMap { ELFImage($0) }
        if case .vmlinux = file {
            guard Self.banner(in: bytes) != nil else { throw .otherKind("an ELF program") }
            guard elf?.hasPVHEntry == true else { throw .notBootable }
            isDirect = true
        } else {
            isDirect = boot != whole && elf?.hasPVHEntry == true
            if !isDirect {
                boot = whole
                if elf?.hasPVHEntry == false {
                    notes.append("the kernel has no CONFIG_PVH: the guest unpacks it itself, which takes longer")
                }
            }
        }
        banner = kernel.flatMap(Self.banner)
        let words = (banner.map { String($0.dropFirst("Linux version ".count)) } ?? headerText ?? "")
        guard let release = words.split(separator: " ").first.map(String.init) else { throw .notAKernel }
        guard let boot else {
            throw .refused("its section .linux must be kept as a file to be booted; set XDG_CACHE_HOME")
        }
        self.name = name
        image = place.image
        bootFile = boot
        self.release = release
        version = words.range(of: "#").map { String(words[$0...]) } ?? ""
        hasTypes = elf.map { $0.contents(ofSection: ".BTF")?.range != nil }
        configCandidates = place.configs(release)
        modules = place.modules(release).lazy.compactMap { ModuleFolder($0) }.first
        self.notes = notes
    }

    /// The unpacked kernel of a bzImage, from the cache or into it.
    private static func unpacked(
        _ payload: ArraySlice<UInt8>,
        _ digest: String,
        _ cache: CacheFolder?,
        _ notes: inout [String]
    ) throws(GuestKernelError.Cause) -> (path: String?, bytes: [UInt8]?) {
        // The kernel's build appends the unpacked size.
        let size = payload.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        if let path = cache?.find("vmlinux/\(digest)", size: size),
            let bytes = try? SmallFile.read(path, limit: 1 << 30)
        {
            return (path, bytes)
        }
        let bytes: [UInt8]
        do {
            guard let unpacked = try Compression.unpacked(payload, limit: 1 << 30) else {
                notes.append("the kernel is compressed in a way that is not known here: the guest unpacks it itself")
                return (nil, nil)
            }
            bytes = unpacked
        } catch {
            throw .damaged("\(error)")
        }
        guard ELFImage(bytes) != nil else {
            notes.append("the unpacked kernel is no ELF file: the guest unpacks it itself")
            return (nil, nil)
        }
        let path = cache?.keep("vmlinux/\(digest)", bytes)
        if path == nil {
            notes.append(
                "the unpacked kernel cannot be kept in \(cache.map { "'\($0.path)'" } ?? "a cache"): guests start slowly"
            )
        }
        return (path, bytes)
    }

    /// The banner, `Linux version 6.1.192 (…) … #1 SMP …`.
    private static func banner(in kernel: [UInt8]) -> String? {
        let start = Array("Linux version ".utf8)
        var from = 0
        while let at = ByteSearch.position(of: start, in: kernel, from: from) {
            let text = kernel[at...].prefix(1024).prefix { $0 >= 0x20 && $0 < 0x7f }
            // The format string of the banner goes on with a percent sign.
            if let digit = text.dropFirst(start.count).first, (0x30...0x39).contains(digit) {
                return String(decoding: text, as: UTF8.self)
            }
            from = at + 1
        }
        return nil
    }
}

extension String {
    /// Where a text stands first.
    fileprivate func range(of text: String) -> Index? { firstRange(of: text)?.lowerBound }
}
