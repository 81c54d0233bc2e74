import Foundation
import Testing

@testable import GuestRun

struct TarExtractorTests {
    private func archive(_ arguments: [String], in folder: String) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/tar")
        process.arguments = ["-C", folder, "-cf", "-"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return Array(bytes)
    }

    private func extract(_ bytes: [UInt8], pieces: Int, into folder: String) -> TarExtractor {
        var tar = TarExtractor(into: folder) { $0.hasPrefix("boot/") }
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            _ = Array(bytes[start..<min(start + pieces, bytes.count)]).withUnsafeBufferPointer { tar.take($0) }
        }
        return tar
    }

    private let longName = String(repeating: "n", count: 180)

    private func source() throws -> TemporaryFolder {
        let source = try TemporaryFolder()
        try source.write("boot/vmlinuz-1", (0..<1500).map { UInt8(truncatingIfNeeded: $0) })
        try source.write("boot/\(longName)", [1, 2, 3])
        try source.write("boot/empty", [])
        try source.write("usr/share/doc/other", [9])
        try FileManager.default.createSymbolicLink(
            atPath: "\(source.path)/boot/link",
            withDestinationPath: "/etc/passwd"
        )
        return source
    }

    @Test(arguments: [1, 511, 512, 10_000]) func `wanted files come out as they were, however the bytes come`(
        pieces: Int
    ) throws {
        let source = try source()
        let target = try TemporaryFolder()
        let tar = extract(try archive(["."], in: source.path), pieces: pieces, into: target.path)
        #expect(tar.failure == nil && tar.isAtEnd)
        for name in ["boot/vmlinuz-1", "boot/\(longName)", "boot/empty"] {
            #expect(
                FileManager.default.contentsEqual(atPath: "\(source.path)/\(name)", andPath: "\(target.path)/\(name)")
            )
        }
        #expect(!FileManager.default.fileExists(atPath: "\(target.path)/usr"))
        #expect(!FileManager.default.fileExists(atPath: "\(target.path)/boot/link"))
    }

    @Test func `names that lead out of the folder are passed over`() throws {
        let source = try source()
        let target = try TemporaryFolder()
        let bytes = try archive(["--transform=s,^boot,boot/../../out,", "-P", "boot/vmlinuz-1"], in: source.path)
        _ = extract(bytes, pieces: 512, into: "\(target.path)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: target.path) == [])
    }

    @Test func `an archive that was cut short or damaged says so`() throws {
        let source = try source()
        let bytes = try archive(["."], in: source.path)
        let target = try TemporaryFolder()
        #expect(!extract(Array(bytes.prefix(bytes.count / 3)), pieces: 512, into: target.path).isAtEnd)
        var damaged = bytes
        damaged[3] ^= 1
        #expect(extract(damaged, pieces: 512, into: target.path).failure != nil)
    }
}
