import KernBuild
import KernTools
import ObjectSources
import Reporting
import RunFiles
import RunModel
import SampleKit
import SampleRun

extension Run {
    /// Builds the kern objects, or takes those that were named.
    ///
    /// - Returns: What there is for each sample: the objects' paths, or why there are none.
    func objects(
        for entries: [CatalogEntry],
        _ toolchain: Toolchain?,
        _ folder: ResultsFolder,
        _ log: EventLog
    ) async throws -> [String: KernObjectSource] {
        if let named {
            return Dictionary(uniqueKeysWithValues: entries.map { ($0.id, named.source(of: $0)) })
        }
        guard let toolchain else { return [:] }
        let sources = toolchain.lacking(of: entries)
        let there = entries.filter { sources[$0.id] == nil && !$0.kernSources.isEmpty }
        guard !there.isEmpty else { return sources }
        let (plan, objects) = try toolchain.plan(there, into: folder.objects, isWritten: true)
        for remark in plan.remarks { talk.note(remark) }
        let count = plan.commands.count + plan.joins.count
        talk.note(
            "building \(count) kern object\(count == 1 ? "" : "s") of Linux \(toolchain.tree.version) with "
                + toolchain.compiler.version
        )
        log.show(.building(count))
        let executor = BuildExecutor(jobs: options.jobs ?? Host.onlineProcessors, tools: LibbpfTools())
        talk.detail("tree '\(toolchain.tree.path)', compiler '\(toolchain.compiler.path)'")
        let talk = talk
        let results = try await executor.run(plan) { result in
            log.add(.built(result))
            talk.detail("\(result.verdict.rawValue.uppercased()) \(result.object)\(result.cached ? " (kept)" : "")")
        }
        return sources.merging(Toolchain.sources(objects, builtAs: results)) { $1 }
    }
}
