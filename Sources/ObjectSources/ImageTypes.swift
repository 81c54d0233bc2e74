import FileBytes
import FoundationEssentials
import KernelImages
import Reporting
import SystemPackage

/// The file that a kernel's types are taken from: libbpf reads files of BTF and ELF files, not compressed images.
public struct ImageTypes: Sendable {
    private let path: String

    /// Names an image, a vmlinux or a file of BTF.
    public init(_ path: String) { self.path = path }

    /// A file that libbpf reads.
    ///
    /// - Parameters:
    ///   - folder: The output folder of the build, in which an image's types are written down, whole or not at all.
    ///   - isWritten: Whether to write; a dry run only names the file.
    /// - Returns: The path itself, or that of the types that were in the image.
    /// - Throws: ``Unreadable`` for an image without types.
    public func file(in folder: String, isWritten: Bool) throws -> String {
        let start: [UInt8]
        do throws(InputError) {
            start = try InputFile.beginning(of: path, count: 4)
        } catch .refused {
            // Whoever needs the types says what is wrong; not every build does.
            return path
        } catch {
            throw Unreadable(path: path, reason: "\(error)")
        }
        let isELF = start.starts(with: [0x7f, 0x45, 0x4c, 0x46])
        let isTypes = start.starts(with: [0x9f, 0xeb]) || start.starts(with: [0xeb, 0x9f])
        if isELF || isTypes { return path }
        let contents: ImageContents
        do {
            contents = try KernelImage.contents(of: FilePath(path), wanted: [.types])
        } catch {
            throw Unreadable(path: path, reason: "\(error)")
        }
        guard let types = contents.types else {
            throw Unreadable(
                path: path,
                reason: "it embeds no types (BTF); the kernel was built without CONFIG_DEBUG_INFO_BTF=y"
            )
        }
        let place = "\(folder)/.bpf-assay/types"
        let name = (contents.release ?? "image").filter { $0.isLetter || $0.isNumber || "-._+".contains($0) }
        let file = "\(place)/\(name).btf"
        guard isWritten else { return file }
        do {
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            try AtomicFile.write(types, to: file)
        } catch {
            throw Unreadable(path: path, reason: "its types cannot be written to '\(file)': \(error)")
        }
        return file
    }

    /// An image whose types cannot be had.
    public struct Unreadable: Error, Sendable, Hashable, CustomStringConvertible {
        /// The image.
        public let path: String
        /// Why not.
        public let reason: String

        /// What was read, and why it cannot be.
        public var description: String { "reading the types of '\(path)': \(reason)" }
    }
}
