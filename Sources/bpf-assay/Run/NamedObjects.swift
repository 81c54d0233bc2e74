import FileBytes
import KernBuild
import ObjectNeeds
import RunModel
import SampleKit
import SampleRun

/// The kern objects that a run was given and does not build.
struct NamedObjects {
    /// The folder that somebody built them into.
    let folder: String

    /// A sample's object, under the name that it has in any release.
    func source(of entry: CatalogEntry) -> KernObjectSource {
        guard let path = path(of: entry) else {
            return .absent("there is no readable file '\(paths(of: entry).joined(separator: "' or '"))'")
        }
        if let reason = unreadable(path) {
            return .absent("reading object '\(path)': \(reason); name a folder of compiled kern objects with --objects")
        }
        if let flaw = flaw(of: entry) { return .lacking(file: entry.kernSource.fileName, flaw) }
        return .path(path)
    }

    /// Why a sample's object cannot work on any kernel that samples run on; `nil` where it can, or does not say what it was built of.
    func flaw(of entry: CatalogEntry) -> String? {
        guard let path = path(of: entry), let bytes = try? InputFile.read(path, limit: ObjectCheck.mostBytes)
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

    /// Why a file is no object that could be loaded anywhere; `nil` for one that the kernel is to judge.
    ///
    /// The kernel is never asked about such a file, so that it is no fault of the kernel's.
    private func unreadable(_ path: String) -> String? {
        do {
            _ = try ObjectNeeds(of: try InputFile.read(path, limit: ObjectCheck.mostBytes))
            return nil
        } catch let error as ObjectReadError {
            // Whoever wrote it knows more than this program.
            if case .newerTypes = error { return nil }
            return "it \(error)"
        } catch {
            return "\(error)"
        }
    }

    private func path(of entry: CatalogEntry) -> String? {
        paths(of: entry).first { path in
            // Of a regular file only: the worker reads it again.
            (try? InputFile.beginning(of: path, count: 1)) != nil
        }
    }

    private func paths(of entry: CatalogEntry) -> [String] {
        SampleHistory.builtIn.objectNames(of: entry.kernSource).map { name in "\(folder)/\(name)" }
    }
}
