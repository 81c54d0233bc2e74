import FoundationEssentials
import KernelImages
import SystemPackage

/// Reading of whole files whose size nobody vouches for.
enum ConfigFile {
    /// The most bytes read from a file or inflated from one.
    ///
    /// The largest real configs are below 0.5 MiB. A parsed config takes some five times its text.
    static let limit = 8 << 20

    /// A file's bytes, decompressed if they begin as one of the kernel's compressions does.
    ///
    /// Pipes work; an empty file gives no bytes.
    static func bytes(at path: FilePath) throws(ConfigSourceError.Cause) -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = try contents(of: path)
        } catch let errno as Errno {
            throw cause(of: errno, at: path)
        } catch {
            throw .tooLarge(limit: limit)
        }
        do {
            return try Compression.unpacked(bytes[...], limit: limit) ?? bytes
        } catch {
            throw .compressed(error)
        }
    }

    private struct TooLarge: Error {}

    private static func contents(of path: FilePath) throws -> [UInt8] {
        let descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        return try descriptor.closeAfter {
            var bytes: [UInt8] = []
            // A file that says its size is refused before it is read; pipes and /proc say none.
            let size = (try? FileManager.default.attributesOfItem(atPath: path.string)[.size] as? UInt64) ?? 0
            guard size <= limit else { throw TooLarge() }
            var chunk = [UInt8](repeating: 0, count: 256 << 10)
            while true {
                let count = try chunk.withUnsafeMutableBytes { try descriptor.read(into: $0) }
                if count == 0 { return bytes }
                guard bytes.count + count <= limit else { throw TooLarge() }
                bytes += chunk[..<count]
            }
        }
    }

    /// Why the system refused a file, with what may be meant instead.
    static func cause(of errno: Errno, at path: FilePath) -> ConfigSourceError.Cause {
        switch errno {
        case .noSuchFileOrDirectory: .missing(alike: namesAlike(path))
        case .isDirectory: .isDirectory(holdsConfig: exists(path.appending(".config")))
        default: .refused(errno)
        }
    }

    /// Whether a path leads to anything.
    static func exists(_ path: FilePath) -> Bool {
        FileManager.default.fileExists(atPath: path.string)
    }

    /// Whether a path leads to a folder.
    static func isDirectory(_ path: FilePath) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path.string, isDirectory: &isDirectory) && isDirectory
    }

    /// Up to three files beside a missing one whose names contain its name or are contained in it.
    private static func namesAlike(_ path: FilePath) -> [String] {
        guard let wanted = path.lastComponent?.string, wanted.count >= 3 else { return [] }
        let folder = path.removingLastComponent()
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder.string)
        let alike = (names ?? []).filter { $0.count >= 3 && ($0.contains(wanted) || wanted.contains($0)) }
        return alike.sorted().prefix(3).map { folder.appending($0).string }
    }
}
