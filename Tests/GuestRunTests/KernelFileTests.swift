import FileBytes
import Foundation
import Testing

@testable import GuestRun

struct KernelFileTests {
    /// A bzImage's header with a payload of so many bytes behind it.
    private func image(payload: Int, claims: Int? = nil, loadFlags: UInt8 = 1, name: String = "") -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1024 + payload)
        bytes.replaceSubrange(0x202..<0x206, with: Array("HdrS".utf8))
        bytes[0x206] = 0x0f
        bytes[0x207] = 2
        bytes[0x1f1] = 1
        bytes[0x236] = loadFlags
        bytes[0x20f] = name.isEmpty ? 0 : 1
        bytes.replaceSubrange(0x300..<(0x300 + name.utf8.count), with: Array(name.utf8))
        let length = claims ?? payload
        for index in 0..<4 { bytes[0x24c + index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
        return bytes
    }

    private func cause(_ bytes: [UInt8]) -> GuestKernelError.Cause? {
        do {
            _ = try KernelFile(bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a bzImage's payload is where its header says`() throws {
        guard case .bzImage(let payload, _) = try KernelFile(image(payload: 100)) else {
            Issue.record("no bzImage")
            return
        }
        #expect(payload == 1024..<1124)
    }

    @Test func `an image that was cut short is told apart from one that is none`() {
        #expect(cause(image(payload: 100, claims: 5000)) == .truncated(has: 1124, needs: 6024))
        #expect(cause(Array(image(payload: 0).prefix(0x250))) == .notAKernel)
        #expect(cause([]) == .notAKernel)
        #expect(cause(Array("#!/bin/sh\n".utf8)) == .notAKernel)
    }

    @Test func `kernels of other architectures are named`() {
        #expect(cause(SmallELF.file(machine: 183)) == .otherArchitecture("arm64"))
        var arm = [UInt8](repeating: 0, count: 64)
        arm.replaceSubrange(0x38..<0x3c, with: Array("ARMd".utf8))
        #expect(cause(arm) == .otherArchitecture("arm64"))
    }

    @Test func `a kernel of 32 bits is known by its header, before anything is booted`() {
        #expect(cause(image(payload: 100, loadFlags: 0)) == .otherArchitecture("i386"))
        var old = image(payload: 100, loadFlags: 0)
        // Before protocol 2.12 the flags are no flags.
        old[0x206] = 0x0b
        #expect(cause(old) == nil)
    }

    @Test func `what boots as Linux does and is none is called by its own name`() {
        #expect(
            cause(image(payload: 0, loadFlags: 9, name: "Memtest86+ v6.10"))
                == .otherKind("'Memtest86+ v6.10', which boots as Linux does")
        )
        var old = image(payload: 0, name: "iPXE 1.0")
        old[0x206] = 3
        #expect(cause(old) == .tooOld("iPXE 1.0"))
    }

    /// An EFI program of one section, with the contents of it, for a processor.
    private func efi(_ section: String, _ contents: [UInt8], machine: [UInt8] = [0x64, 0x86]) -> [UInt8] {
        func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let dos = Array("MZ".utf8) + [UInt8](repeating: 0, count: 58) + word(64)
        let header = Array("PE\0\0".utf8) + machine + [1, 0] + [UInt8](repeating: 0, count: 16)
        let name = Array(section.utf8) + [UInt8](repeating: 0, count: 8 - section.utf8.count)
        let table =
            name + word(contents.count) + word(0) + word(contents.count) + word(128)
            + [UInt8](repeating: 0, count: 16)
        return dos + header + table + contents
    }

    @Test func `files that are taken for kernels are called what they are`() throws {
        func words(_ bytes: [UInt8]) -> String {
            cause(bytes).map { "\(GuestKernelError(path: "f", cause: $0))" } ?? "a kernel"
        }
        var module = SmallELF.file()
        module[16] = 1
        #expect(words(module).contains("a relocatable ELF file"))
        var program = SmallELF.file()
        program[16] = 3
        #expect(words(program).contains("an ELF program or library"))
        let grub: [UInt8] =
            [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1] + [UInt8](repeating: 0, count: 9) + [2, 0, 3, 0, 1, 0, 0, 0]
        #expect(words(grub).contains("an ELF program for i386"))
        #expect(words(grub + Array("Linux version 6.1".utf8)).contains("it is for i386"))
        #expect(words(efi(".text", [1])).contains("an EFI program for x86_64 without a section .linux"))
        var zboot = efi(".text", [1], machine: [0x64, 0xaa])
        zboot.replaceSubrange(4..<16, with: Array("zimg".utf8) + [64, 0, 0, 0, 8, 0, 0, 0])
        #expect(words(zboot).contains("it is for arm64"))
        #expect(words([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]).contains("gzip data; unpack it first"))
        #expect(words(Array("070701".utf8)).contains("an initramfs"))
        #expect(words([0xed, 0xab, 0xee, 0xdb]).contains("an RPM package"))
    }

    @Test func `the program ls is no kernel without an entry for QEMU`() throws {
        #expect(throws: GuestKernelError(path: "/bin/ls", cause: .otherKind("an ELF program or library"))) {
            try GuestKernel("/bin/ls", cache: nil)
        }
        // A program at fixed addresses looks as a vmlinux does, but has no banner.
        let folder = try TemporaryFolder()
        try folder.write("static", SmallELF.file())
        #expect(throws: GuestKernelError(path: "\(folder.path)/static", cause: .otherKind("an ELF program"))) {
            try GuestKernel("\(folder.path)/static", cache: nil)
        }
    }

    @Test func `a unified image's kernel is booted, with what lies beside the image`() throws {
        let folder = try TemporaryFolder()
        let kernel = SmallELF.file(
            sections: [(".rodata", Array("Linux version 6.1.0-test (me) #1 SMP\n".utf8))],
            notes: [4, 0, 0, 0, 4, 0, 0, 0, 0x12, 0, 0, 0] + Array("Xen".utf8) + [0, 0, 0, 0, 1]
        )
        try folder.write("linux.efi", efi(".linux", kernel))
        try folder.write("config-6.1.0-test", [])
        let cache = CacheFolder(path: "\(folder.path)/cache")
        let found = try GuestKernel("\(folder.path)/linux.efi", cache: cache)
        #expect(found.release == "6.1.0-test" && found.image == "\(folder.path)/linux.efi")
        #expect(try Data(contentsOf: URL(fileURLWithPath: found.bootFile)) == Data(kernel))
        #expect(found.configCandidates == ["\(folder.path)/config-6.1.0-test"])
        let error = #expect(throws: GuestKernelError.self) { try GuestKernel("\(folder.path)/linux.efi", cache: nil) }
        #expect(error?.description.contains("XDG_CACHE_HOME") == true)
    }

    @Test func `the note of CONFIG_PVH is found by owner and type`() {
        func note(_ owner: String, _ type: UInt8) -> [UInt8] {
            [4, 0, 0, 0, 4, 0, 0, 0, type, 0, 0, 0] + Array(owner.utf8) + [0] + [0, 0, 0, 1]
        }
        let other = note("GNU", 0x12)
        #expect(ELFImage(SmallELF.file(notes: other + note("Xen", 0x12)))?.hasPVHEntry == true)
        #expect(ELFImage(SmallELF.file(notes: other + note("Xen", 0x11)))?.hasPVHEntry == false)
        #expect(ELFImage(SmallELF.file())?.hasPVHEntry == false)
    }

    @Test func `a folder without a kernel, or with two, is refused`() throws {
        let folder = try TemporaryFolder()
        func failure(_ name: String) -> GuestKernelError.Cause? {
            do {
                _ = try GuestKernel(name, cache: nil)
                return nil
            } catch {
                return error.cause
            }
        }
        #expect(failure(folder.path) == .emptyFolder)
        try folder.write("boot/vmlinuz-1", [1])
        try folder.write("boot/vmlinuz-2", [1])
        #expect(failure(folder.path) == .ambiguous(["\(folder.path)/boot/vmlinuz-1", "\(folder.path)/boot/vmlinuz-2"]))
        #expect(failure("\(folder.path)/none") == .missing)
        #expect(failure("9.9.9-nothing") == .missing)
        #expect(failure("/dev/null") == .refused("it is a device; name a file"))
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `digests are those of FIPS 180-4`(text: String, digest: String) {
        #expect(SHA256.hex(Array(text.utf8)) == digest)
    }

    @Test(arguments: [55, 56, 63, 64, 65, 119, 120, 1000]) func `digests agree with sha256sum`(size: Int) async throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try folder.write("f", bytes)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
        process.arguments = ["\(folder.path)/f"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let said = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(String(decoding: said.prefix(64), as: UTF8.self) == SHA256.hex(bytes))
    }
}
