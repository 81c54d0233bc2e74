import Glibc
import KernBuild
import KernTools
import RunModel
import SampleKit
import SampleRun

extension Run {
    /// Builds the kern objects, or takes those that were named.
    ///
    /// - Returns: What there is for each sample: the object's path, or why there is none.
    func objects(
        for entries: [CatalogEntry],
        _ toolchain: Toolchain?,
        _ folder: ResultsFolder,
        _ log: EventLog
    ) async throws -> [String: KernObjectSource] {
        if let named = options.objects {
            return Dictionary(
                uniqueKeysWithValues: entries.map { entry in
                    let path = "\(named)/\(entry.manifest.object)"
                    return (entry.id, access(path, R_OK) == 0 ? .path(path) : .absent("there is no readable '\(path)'"))
                }
            )
        }
        guard let toolchain else { return [:] }
        let plan = try toolchain.plan(entries, into: folder.objects)
        Console.say(
            "building \(entries.count) kern objects of Linux \(toolchain.tree.version) with \(toolchain.compiler.version)"
        )
        let results = try await BuildExecutor(jobs: options.jobs ?? Host.onlineProcessors, tools: LibbpfTools()).run(
            plan
        ) {
            log.add(.built($0))
        }
        return Dictionary(
            uniqueKeysWithValues: results.map { result in
                (result.sample, result.verdict == .pass ? .path(result.object) : .refused(result))
            }
        )
    }
}
