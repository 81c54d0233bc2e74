import Digests
import Foundation
import Testing

@testable import GuestRun

struct KernelFileTests {
    /// A bzImage's header with a payload of so many bytes behind it.
    private func image(payload: Int, claims: Int? = nil) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1024 + payload)
        bytes.replaceSubrange(0x202..<0x206, with: Array("HdrS".utf8))
        bytes[0x206] = 0x0f
        bytes[0x207] = 2
        bytes[0x1f1] = 1
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

    @Test func `the note of CONFIG_PVH is found by owner and type`() {
        func note(_ owner: String, _ type: UInt8) -> [UInt8] {
            [4, 0, 0, 0, 4, 0, 0, 0, type, 0, 0, 0] + Array(owner.utf8) + [0] + [0, 0, 0, 1]
        }
        let other = note("GNU", 0x12)
        #expect(ELFSections(SmallELF.file(notes: other + note("Xen", 0x12)))?.hasPVHEntry == true)
        #expect(ELFSections(SmallELF.file(notes: other + note("Xen", 0x11)))?.hasPVHEntry == false)
        #expect(ELFSections(SmallELF.file())?.hasPVHEntry == false)
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
        #expect(failure("/dev/null") == .notAKernel)
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
