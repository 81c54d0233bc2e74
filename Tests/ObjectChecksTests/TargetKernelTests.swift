import FeatureRules
import ObjectChecks
import RunModel
import SystemPackage
import TestSupport
import Testing

/// Which config is believed to be that of a kernel's image.
struct TargetKernelTests {
    /// An image of a distribution's kernel, which embeds its types and no config.
    private static func image(_ banner: String) -> [UInt8] {
        // A header, one type (int) and its name.
        var types: [UInt8] = [0x9f, 0xeb, 1, 0]
        let words: [UInt32] = [24, 0, 16, 16, 5, 1, 0x0100_0000, 4, 0x0100_0020]
        for word in words {
            for shift in [0, 8, 16, 24] { types.append(UInt8(truncatingIfNeeded: word >> UInt32(shift))) }
        }
        types += Array("\u{0}int\u{0}".utf8)
        let noise = [UInt8](repeating: 7, count: 300 << 10)
        var image: [UInt8] = [0x7f] + Array("ELF".utf8)
        image += noise
        image += Array("Linux version %s \u{0}\(banner)\n\u{0}".utf8)
        image += noise
        image += types
        image += noise
        return image
    }

    static let kernels = [
        (
            "6.1.0-56-amd64",
            "Linux version 6.1.0-56-amd64 (debian@x) (gcc (GCC) 12.2.0, GNU ld) #1 SMP Debian 6.1.192-2 (2026-11-16)",
            "6.1.192"
        ),
        (
            "5.15.0-91-generic",
            "Linux version 5.15.0-91-generic (b@x) (gcc (GCC) 12.2.0, GNU ld) #101-Ubuntu SMP (Ubuntu 5.15.0-91.101-generic 5.15.131)",
            "5.15.131"
        ),
        (
            "6.6.8-arch1-1",
            "Linux version 6.6.8-arch1-1 (linux@arch) (gcc (GCC) 12.2.0, GNU ld) #1 SMP PREEMPT_DYNAMIC", "6.6.8-arch1"
        ),
    ]

    /// Where an image and its config lie: as Debian 12 has them, and as Debian 14, Fedora and Arch do.
    static let places = [("boot/vmlinuz-RELEASE", "boot/config-RELEASE"), ("MODULES/vmlinuz", "MODULES/config")]

    @Test(arguments: kernels, places)
    func `a config beside an image is the image's where its banner says so`(
        kernel: (release: String, banner: String, version: String),
        place: (image: String, config: String)
    ) throws {
        func path(_ text: String) -> String {
            text.replacing("MODULES", with: "usr/lib/modules/RELEASE").replacing("RELEASE", with: kernel.release)
        }
        let root = try ScratchFolder()
        let image = try root.write(path(place.image), Self.image(kernel.banner)).string
        let compiler = "CONFIG_CC_VERSION_TEXT=\"gcc (GCC) 12.2.0\""
        try root.write(path(place.config), generated(kernel.version, "CONFIG_BPF=y", compiler))
        let found = try TargetKernel(image, config: nil, version: nil)
        #expect(found.name == kernel.release)
        // Only the config has the version that the distribution's release hides.
        #expect(found.account.version == KernelVersion(kernel.version))
        #expect(found.account.state(of: "CONFIG_BPF") == .builtIn)
        // Another build's config, left there by an upgrade.
        try root.write(path(place.config), generated("5.4.7", "CONFIG_BPF=y", compiler))
        let other = try TargetKernel(image, config: nil, version: nil)
        #expect(other.account.version == KernelVersion(kernel.release))
        #expect(other.account.state(of: "CONFIG_BPF") == .unknown)
    }
}
