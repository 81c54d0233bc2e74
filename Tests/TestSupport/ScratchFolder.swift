import FoundationEssentials
package import SystemPackage

/// A folder that stands for `/` or for a kernel tree and goes away with the value.
package struct ScratchFolder: ~Copyable {
    package let path: FilePath

    package init() throws {
        path = FilePath(FileManager.default.temporaryDirectory.path).appending(
            "config-check-\(UInt64.random(in: 0 ... .max))"
        )
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }

    /// Writes a file and the folders above it.
    @discardableResult
    package func write(_ name: String, _ bytes: [UInt8]) throws -> FilePath {
        let file = path.appending(name)
        try FileManager.default.createDirectory(
            atPath: file.removingLastComponent().string,
            withIntermediateDirectories: true
        )
        let descriptor = try FileDescriptor.open(
            file,
            .writeOnly,
            options: [.create, .truncate],
            permissions: [.ownerReadWrite]
        )
        try descriptor.closeAfter { _ = try descriptor.writeAll(bytes) }
        return file
    }

    @discardableResult
    package func write(_ name: String, _ text: String) throws -> FilePath {
        try write(name, Array(text.utf8))
    }
}
