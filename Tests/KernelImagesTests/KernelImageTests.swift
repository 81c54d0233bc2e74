import RunModel
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import ConfigCheck
@testable import KernelImages

/// Images made of bytes: what surrounds the config is noise that looks like a kernel where it matters.
@Suite struct KernelImageTests {
    private static let text = generated("6.1.192", "CONFIG_BPF=y", "# CONFIG_NET is not set")

    /// A kernel before it is compressed, with or without a config in it.
    static func kernel(embedding config: String?, seed: UInt64 = 1) throws -> [UInt8] {
        let noise = noise(seed)
        let embedded =
            try config.map { Array("IKCFG_ST".utf8) + (try gzip(Array($0.utf8))) + Array("IKCFG_ED".utf8) } ?? []
        return [0x7f] + Array("ELF".utf8) + noise + Array("IKCFG_ST Linux version %s ".utf8)
            + Array("Linux version 6.1.192-test (me@here) \u{0}".utf8) + embedded + noise.prefix(1000)
    }

    private static let noises = Mutex<[UInt64: [UInt8]]>([:])

    /// Bytes that are no text; they take a debug build half a second, and are made once.
    private static func noise(_ seed: UInt64) -> [UInt8] {
        noises.withLock { known in
            if let noise = known[seed] { return noise }
            var generator = SeededGenerator(seed: seed)
            let noise = (0..<(600 << 10)).map { _ in UInt8.random(in: 0...31, using: &generator) }
            known[seed] = noise
            return noise
        }
    }

    /// A bzImage of protocol 2.15 with what the build appends behind a payload that is not gzip data.
    static func bzImage(_ payload: [UInt8], offset: Int = 0x3b0, appended: UInt32? = nil) -> [UInt8] {
        var image = [UInt8](repeating: 0, count: 5 * 512 + offset)
        func put(_ bytes: [UInt8], at offset: Int) {
            image.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        }
        let payload = payload + (appended.map(littleEndian) ?? [])
        put([4], at: 0x1f1)
        put([0x55, 0xaa], at: 0x1fe)
        put(Array("HdrS".utf8) + [0x0f, 0x02], at: 0x202)
        put([0x00, 0x04], at: 0x20e)
        put(littleEndian(UInt32(offset)), at: 0x248)
        put(littleEndian(UInt32(payload.count)), at: 0x24c)
        put(Array("6.1.0-56-amd64 (debian) #1".utf8), at: 0x600)
        return image + payload + [UInt8](repeating: 0xcc, count: 3000)
    }

    private func outcome(_ bytes: [UInt8]) throws -> String {
        let folder = try ScratchFolder()
        let file = try folder.write("image", bytes)
        do {
            let config = try KernelConfigSource.image(file).read()
            return "\(config.header?.versionText ?? "-"), \(config.count) options"
        } catch {
            return "\(error)".replacing("reading the config '\(file)': ", with: "")
        }
    }

    @Test(arguments: Compression.allCases)
    func `what was compressed comes back in one piece and in pieces`(compression: Compression) throws {
        let content = try Self.kernel(embedding: Self.text)
        let bytes = try compressed(content, as: compression)
        #expect(try compression.decompressed(bytes[...], limit: 1 << 20) == content)
        #expect(throws: DecompressionError(compression: compression, cause: .tooLarge(limit: 1000))) {
            try compression.decompressed(bytes[...], limit: 1000)
        }
        #expect(throws: DecompressionError.self) {
            try compression.decompressed(bytes.prefix(bytes.count / 2), limit: 1 << 20)
        }
    }

    @Test(arguments: Compression.allCases)
    func `the config is found in a bzImage by its header and without it`(compression: Compression) throws {
        let kernel = try Self.kernel(embedding: Self.text)
        let payload = try compressed(kernel, as: compression)
        let appended = compression == .gzip ? nil : UInt32(kernel.count)
        let image = Self.bzImage(payload, appended: appended)
        #expect(try outcome(image) == "6.1.192, 2 options")
        #expect(try outcome(payload) == "6.1.192, 2 options")
        var headless = image
        headless[0x1fe] = 0
        // Then the magic is all there is; what follows the payload must not matter.
        #expect(try outcome(headless) == "6.1.192, 2 options")
    }

    @Test(arguments: Compression.allCases)
    func `an image without a config says where it was looked for and what to use`(compression: Compression) throws {
        let payload = try compressed(try Self.kernel(embedding: nil), as: compression)
        let message = try outcome(Self.bzImage(payload))
        #expect(message.hasPrefix("it embeds no config: no IKCFG_ST in the file ("))
        #expect(
            message.contains("or in the \(compression.rawValue) data at byte 3504 (601 KiB), so the kernel was built")
        )
        #expect(
            message.hasSuffix(
                "use --config with the kernel's config file such as /boot/config-6.1.0-56-amd64, or configs.ko"
            )
        )
    }

    /// A kernel that calls itself by a banner and embeds a config.
    private func image(_ banner: String, _ config: String, isBannerFirst: Bool = true) throws -> [UInt8] {
        let embedded = Array("IKCFG_ST".utf8) + (try gzip(Array(config.utf8))) + Array("IKCFG_ED".utf8)
        let noise = [UInt8](repeating: 7, count: 300 << 10)
        let line = Array("Linux version %s \u{0}\(banner)\n\u{0}".utf8)
        return [0x7f] + Array("ELF".utf8) + (isBannerFirst ? line : []) + noise + embedded + noise + line + noise
    }

    @Test(arguments: [
        ("Linux version 6.1.192 (me@here) (gcc (GCC) 12.2.0, GNU ld) #1 SMP", "6.1.192", ConfigIdentity.verified),
        ("Linux version 6.1.190 (me@here) (gcc (GCC) 12.2.0, GNU ld) #1 SMP", "6.1.192", .suspect),
        ("Linux version 6.1.192 (me@here) (gcc (GCC) 14.1.0, GNU ld) #1 SMP", "6.1.192", .suspect),
        (
            "Linux version 6.1.0-56-amd64 (debian@x) (gcc (GCC) 12.2.0, GNU ld) #1 SMP Debian 6.1.192-2 (2026-11-16)",
            "6.1.192", .verified
        ),
        (
            "Linux version 6.1.0-56-amd64 (debian@x) (gcc (GCC) 12.2.0, GNU ld) #1 SMP Debian 6.1.190-1 (2026-11-16)",
            "6.1.192", .suspect
        ),
        (
            "Linux version 5.15.0-91-generic (b@x) (gcc (GCC) 12.2.0, GNU ld) #101-Ubuntu SMP (Ubuntu 5.15.0-91.101-generic 5.15.131)",
            "5.15.131", .verified
        ),
    ])
    func `an image's config is compared with its banner`(
        banner: String,
        version: String,
        identity: ConfigIdentity
    ) throws {
        let folder = try ScratchFolder()
        let config = generated(version, "CONFIG_BPF=y", "CONFIG_CC_VERSION_TEXT=\"gcc (GCC) 12.2.0\"")
        for isFirst in [true, false] {
            let kernel = try image(banner, config, isBannerFirst: isFirst)
            for (name, bytes) in [("vmlinux", kernel), ("bzImage", Self.bzImage(try compressed(kernel, as: .zstd)))] {
                let found = try KernelConfigSource.image(try folder.write(name, bytes)).identified()
                #expect(found.identity == identity, "\(name): \(found.evidence)")
                #expect(found.isTrusted == (identity == .verified))
            }
        }
    }

    @Test func `verdicts from an image that contradicts itself are unknown`() throws {
        let folder = try ScratchFolder()
        let kernel = try image("Linux version 6.1.190 (me@here) (gcc, ld) #1", generated("6.1.192", "CONFIG_BPF=y"))
        let found = try KernelConfigSource.image(try folder.write("vmlinux", kernel)).identified()
        let asked = try ConfigProfile(name: "p", parsing: Array("CONFIG_BPF=y\nCONFIG_NET=y\n".utf8))
        let report = ConfigReport(judging: asked, against: found)
        #expect(report.checks.allSatisfy { $0.verdict == .unknown && $0.remedy == nil })
        #expect(report.conclusion == .inconclusive)
        #expect(report.checks[0].evidence[0].contains("its header says 6.1.192, the image's kernel is 6.1.190"))
    }

    @Test func `an image without a banner leaves its config to be taken as is`() throws {
        let folder = try ScratchFolder()
        let module = Array("IKCFG_ST".utf8) + (try gzip(Array(Self.text.utf8))) + Array("IKCFG_ED".utf8)
        let found = try KernelConfigSource.image(try folder.write("configs.ko", module)).identified()
        #expect(found.identity == .unknown && found.isTrusted)
    }

    @Test func `an image without a config still says whose a config file is`() throws {
        let folder = try ScratchFolder()
        let payload = try compressed(try Self.kernel(embedding: nil), as: .gzip)
        let path = try folder.write("bzImage", Self.bzImage(payload))
        let kernel = try #require(try KernelConfigSource.kernel(inImage: path))
        #expect(kernel.release == "6.1.192-test")
        func identity(_ text: String) throws -> ConfigIdentity {
            IdentifiedConfig(KernelConfig(parsing: Array(text.utf8)), source: "config", ofImage: kernel).identity
        }
        #expect(try identity(generated("6.1.192", "CONFIG_LOCALVERSION=\"-test\"")) == .verified)
        #expect(try identity(generated("6.1.191", "CONFIG_BPF=y")) == .suspect)
    }

    @Test func `a vmlinux and a module are searched as they are`() throws {
        #expect(try outcome(try Self.kernel(embedding: Self.text)) == "6.1.192, 2 options")
        #expect(try outcome(try Self.kernel(embedding: nil)).contains("/boot/config-6.1.192-test"))
    }

    @Test func `a damaged or unknown payload never passes for a kernel without a config`() throws {
        var payload = try compressed(try Self.kernel(embedding: nil), as: .xz)
        payload[payload.count / 2] ^= 0xff
        #expect(
            try outcome(Self.bzImage(payload)).contains("and its kernel could not be read: the xz data at byte 3504")
        )
        #expect(try outcome(Self.bzImage([1, 2, 3, 4, 5, 6])).contains("begins with '\\x01\\x02\\x03\\x04\\x05\\x06'"))
        var kernel = try Self.kernel(embedding: Self.text)
        let gzipped = try #require(kernel.firstRange(of: Array("IKCFG_ST\u{1f}".utf8))).upperBound
        kernel[gzipped + 40] ^= 0xff
        #expect(try outcome(kernel).contains("gzip data is damaged"))
    }

    @Test func `other files are no images and an image is no text`() throws {
        for bytes in [[], Array("CONFIG_BPF=y\n".utf8), [0x7f] + Array("ELF of a program".utf8)] {
            #expect(try outcome(bytes).hasPrefix("it is no kernel image: "))
        }
        let folder = try ScratchFolder()
        let file = try folder.write("vmlinux", try Self.kernel(embedding: Self.text))
        #expect(throws: ConfigSourceError(purpose: "config", path: file, cause: .isImage)) {
            try KernelConfigSource.file(file).read()
        }
    }

    @Test func `configs.ko of the running kernel is read where the kernel hands out nothing`() throws {
        let root = try ScratchFolder()
        let module = try Self.kernel(embedding: Self.text)
        let path = try root.write("lib/modules/6.1.192/kernel/kernel/configs.ko.xz", try compressed(module, as: .xz))
        let running = RunningConfig(of: RunningKernel(release: "6.1.192", version: "#1 SMP"), root: root.path)
        #expect(running.found?.source == path.string)
        #expect(running.answer("CONFIG_BPF") == .set(.builtIn))
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `hostile bytes are a config or an error`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let compression = Compression.allCases[Int(seed) % Compression.allCases.count]
        let content = Array(repeating: Array("IKCFG_ST CONFIG_BPF=y".utf8), count: 300).flatMap(\.self)
        var image = Self.bzImage(try compressed(content, as: compression))
        for _ in 0..<Int.random(in: 1...12, using: &generator) {
            image[Int.random(in: 0..<image.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        image.removeLast(Int.random(in: 0..<image.count / 2, using: &generator))
        #expect(try outcome(image).contains("options") == false, "seed \(seed)")
        for compression in Compression.allCases {
            let noise = (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = try? compression.decompressed((compression.magic + noise)[...], limit: 1 << 16)
        }
    }

    @Test(arguments: Compression.allCases)
    func `a config that is named is read however it is compressed`(compression: Compression) throws {
        let folder = try ScratchFolder()
        let file = try folder.write("config", try compressed(Array(Self.text.utf8), as: compression))
        let config = try KernelConfigSource.file(file).read()
        #expect(config["CONFIG_BPF"] == .builtIn && config.header?.version == KernelVersion(6, 1, 192))
        // What inflates to more than a config can have is refused before it fills the memory.
        let bomb = [UInt8](repeating: UInt8(ascii: "\n"), count: 9 << 20)
        let large = try folder.write("large", try compressed(bomb, as: compression))
        #expect {
            try KernelConfigSource.file(large).read()
        } throws: {
            "\($0)".hasSuffix("it inflates to more than 8 MiB, so it is no kernel config")
        }
    }
}
