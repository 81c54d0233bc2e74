import FileBytes
import Glibc
import KernBuild
import ObjectNeeds
import RunModel
import SampleCatalog
public import SampleKit
public import SampleRun
import SystemPackage

/// The kern objects that a run was given and does not build.
public struct NamedObjects: Sendable {
    /// The folder that somebody built them into.
    public let folder: String

    /// What was named cannot be a folder of objects.
    public struct Unreadable: Error, Sendable, Hashable, CustomStringConvertible {
        /// What was read, why that failed, and what to do.
        public let description: String
    }

    /// Names a folder; what is not there is found out later, for each sample.
    ///
    /// - Throws: ``Unreadable`` for what is no folder.
    public init(folder: String) throws(Unreadable) {
        self.folder = folder
        var status = stat()
        let code = stat(folder, &status) == 0 ? 0 : errno
        guard code != 0 || status.st_mode & S_IFMT != S_IFDIR else { return }
        let cause = code == 0 ? "it is no folder" : "\(InputError.refused(Errno(rawValue: code)))"
        throw Unreadable(description: "reading the objects in '\(folder)': \(cause); \(Self.advice)")
    }

    private static let advice = "name a folder of compiled kern objects with --objects"

    /// A sample's objects, under the names that they have in any release.
    public func source(of entry: CatalogEntry) -> KernObjectSource {
        var found: [String] = []
        for source in entry.kernSources {
            switch self.source(source, of: entry) {
            case .paths(let paths): found += paths
            // Instructions stand in for what the folder rightly lacks.
            case .lacking where entry.manifest.instructions != nil: return .paths([])
            case let other: return other
            }
        }
        return .paths(found)
    }

    private func source(_ source: KernSource, of entry: CatalogEntry) -> KernObjectSource {
        let file = source.fileName
        let paths = paths(of: source)
        for path in paths {
            do throws(InputError) {
                // Of a regular file only: the worker reads it again.
                _ = try InputFile.beginning(of: path, count: 1)
            } catch .refused(.noSuchFileOrDirectory) {
                continue
            } catch {
                return .absent("reading object '\(path)': \(error); \(Self.advice)")
            }
            // Its own word that it is too old holds whatever else is wrong with it.
            if let flaw = flaw(of: entry, path) { return .lacking(file: file, flaw) }
            return unreadable(path).map { .absent("reading object '\(path)': \($0); \(Self.advice)") } ?? .path(path)
        }
        if let version, let absence = SampleHistory.builtIn.absence(of: file, in: version) {
            return .lacking(file: file, "\(absence); '\(folder)' holds objects of that tree")
        }
        return .absent("there is no file '\(paths.joined(separator: "' or '"))'")
    }

    /// Why there is no usable object of a sample, and rightly so; `nil` where there is one, or ought to be.
    public func absence(of entry: CatalogEntry) -> (file: String, reason: String)? {
        if case .lacking(let file, let reason) = source(of: entry) { (file, reason) } else { nil }
    }

    /// Why a sample's object cannot work on any kernel that samples run on; `nil` where it can, or does not say what it was built of.
    private func flaw(of entry: CatalogEntry, _ path: String) -> String? {
        guard let bytes = try? InputFile.read(path, limit: ObjectNeeds.mostBytes)
        else { return nil }
        if let version = KernelVersion(ofObject: bytes) {
            // Said, since it is the object's own word that the verdict rests on.
            return entry.flaw(in: version).map { "'\(path)' says that it was built from Linux \(version): \($0)" }
        }
        guard let bound = KernelVersion(before: bytes), let early = SampleHistory.builtIn.earliness(of: bound) else {
            return nil
        }
        return "'\(path)' defines its maps as Linux did before \(bound): it \(early)"
    }

    /// Of which tree the folder's objects say that they were built; `nil` where none says so, or two name different releases.
    private var version: KernelVersion? {
        let versions = allSamples.flatMap(\.kernSources).compactMap { source in
            paths(of: source).lazy.compactMap { Self.version(of: $0) }.first
        }
        let releases = Set(versions.map { KernelVersion($0.major, $0.minor) })
        return releases.count == 1 ? versions.max() : nil
    }

    private static func version(of path: String) -> KernelVersion? {
        (try? InputFile.beginning(of: path, count: ObjectNeeds.mostBytes)).flatMap { KernelVersion(ofObject: $0) }
    }

    /// Why a file is no object that could be loaded anywhere; `nil` for one that the kernel is to judge.
    ///
    /// The kernel is never asked about such a file, so that it is no fault of the kernel's.
    private func unreadable(_ path: String) -> String? {
        do {
            _ = try ObjectNeeds(of: try InputFile.read(path, limit: ObjectNeeds.mostBytes))
            return nil
        } catch let error as ObjectReadError {
            // Whoever wrote it knows more than this program.
            if case .newerTypes = error { return nil }
            return "it \(error)"
        } catch {
            return "\(error)"
        }
    }

    private func paths(of source: KernSource) -> [String] {
        SampleHistory.builtIn.objectNames(of: source).map { name in "\(folder)/\(name)" }
    }
}
