import FileBytes
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import Reporting

@Suite struct `a file that is written whole or not at all` {
    @Test func `holds the bytes, and nothing else stays in its folder`() throws {
        try Scratch.withFolder { folder in
            try AtomicFile.write(Array("old".utf8), to: "\(folder)/f")
            try AtomicFile.write(Array("new".utf8), to: "\(folder)/f")
            #expect(try Scratch.text("\(folder)/f") == "new")
            #expect(try Scratch.names(folder) == ["f"])
        }
    }

    @Test func `is what it was where the disk is full, and the temporary name is gone`() throws {
        try Scratch.withFolder { folder in
            try AtomicFile.write(Array("old".utf8), to: "\(folder)/f")
            let error = #expect(throws: FileWriteError.self) {
                try AtomicFile.write(to: "\(folder)/f") { _ throws(FileWriteError) in
                    throw FileWriteError("write", "\(folder)/f", code: ENOSPC)
                }
            }
            #expect(
                error.map(String.init(describing:))?.hasSuffix("(ENOSPC); free some space, or choose another place")
                    == true
            )
            #expect(try Scratch.text("\(folder)/f") == "old")
            #expect(try Scratch.names(folder) == ["f"])
        }
    }

    @Test func `keeps the mode of the file that it replaces, and the link to it`() throws {
        try Scratch.withFolder { folder in
            try AtomicFile.write([], to: "\(folder)/f")
            #expect(chmod("\(folder)/f", 0o640) == 0)
            #expect(symlink("f", "\(folder)/link") == 0)
            try AtomicFile.write(Array("new".utf8), to: "\(folder)/link")
            var status = stat()
            #expect(lstat("\(folder)/link", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
            #expect(lstat("\(folder)/f", &status) == 0 && status.st_mode & 0o777 == 0o640)
            #expect(try Scratch.text("\(folder)/f") == "new")
        }
    }

    @Test(arguments: [("", "EISDIR"), ("/no/such", "ENOENT")])
    func `names the cause where it cannot be made`(name: String, errno: String) throws {
        try Scratch.withFolder { folder in
            let error = #expect(throws: FileWriteError.self) { try AtomicFile.write([1], to: folder + name) }
            #expect(error.map(String.init(describing:))?.contains("(\(errno))") == true)
        }
    }

    @Test func `writes to a device as it is`() throws {
        try AtomicFile.write([1], to: "/dev/null")
        let error = #expect(throws: FileWriteError.self) { try AtomicFile.write([1], to: "/dev/full") }
        #expect(error?.code == ENOSPC)
        var status = stat()
        #expect(stat("/dev/full", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    }
}

/// Folders that are gone after a test.
enum Scratch {
    static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "bpf-assay-\(UInt64.random(in: 0...UInt64.max))"
        ).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }

    static func withFolderAwaiting<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "bpf-assay-\(UInt64.random(in: 0...UInt64.max))"
        ).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(folder)
    }

    static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    static func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }
}
