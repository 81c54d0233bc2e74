import FileBytes
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
    /// Pipes that somebody writes to work; an empty file gives no bytes.
    static func bytes(at path: FilePath) throws(ConfigSourceError.Cause) -> [UInt8] {
        let bytes: [UInt8]
        do throws(InputError) {
            bytes = try InputFile.read(path.string, limit: limit)
        } catch {
            switch error {
            case .refused(let errno): throw cause(of: errno, at: path)
            case .folder: throw cause(of: .isDirectory, at: path)
            case .tooLarge(let limit): throw .tooLarge(limit: limit)
            case .device, .socket, .pipe, .noWriter, .endless: throw .input(error)
            }
        }
        do {
            return try Compression.unpacked(bytes[...], limit: limit) ?? bytes
        } catch {
            throw .compressed(error)
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
