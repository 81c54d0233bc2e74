import ArgumentParser
import Foundation
import KernBuild
import KernTools
import ObjectChecks
import ObjectNeeds
import ObjectSources
import RunModel

extension BuildCommand {
    /// Runs a plan and prints what came of it.
    ///
    /// - Throws: An exit code where not everything was built.
    func build(_ plan: BuildPlan) async throws {
        let executor = BuildExecutor(
            jobs: jobs ?? Host.onlineProcessors,
            tools: LibbpfTools(),
            cache: noCache ? .none : BuildExecutor.CacheSettings(folder: cache, limit: cacheLimit << 20)
        )
        let isText = format == .text
        let talk = talk
        let built = try await untilInterrupted {
            try await executor.run(plan) { result in
                if isText, !talk.quiet || result.verdict != .pass { Console.put(Self.line(for: result)) }
                guard result.verdict != .pass else { return }
                if let fault = result.fault, let cause = result.cause {
                    Console.say("  \(Self.blame(fault)): \(cause)")
                }
                let rest = result.diagnostics.filter { $0 != result.cause && $0 != "error: \(result.cause ?? "")" }
                let shown = talk.verbose ? rest.count : Self.linesShown
                for line in rest.prefix(shown) { Console.say("  \(line)") }
                if rest.count > shown { Console.say("  \(rest.count - shown) more lines; '--verbose' shows them all") }
            }
        }
        let results = ObjectInspection(built).results
        for (before, after) in zip(built, results) where before.verdict != after.verdict {
            Console.say("\(after.verdict.rawValue.uppercased()) \(after.sample): \(after.cause ?? "")")
        }
        for (before, after) in zip(built, results) where isText && after.verdict == .pass {
            for line in after.diagnostics.dropFirst(before.diagnostics.count) {
                talk.note("\(after.sample): \(line)")
            }
        }
        if compileCommands { try BuildExecutor.writeCompileCommands(of: plan) }
        switch format {
        case .text: if !talk.quiet { Console.put(Self.summary(results)) }
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            Console.put(String(decoding: try encoder.encode(results), as: UTF8.self))
        }
        if !against.isEmpty {
            let paths = results.filter { $0.verdict == .pass && $0.contents != nil }.map(\.object)
            Console.put(text: try FitCheck(of: paths).table(on: against, config: nil, version: nil).text())
        }
        let worst = [Verdict.fail, .error].first { verdict in results.contains { $0.verdict == verdict } }
        if worst == .fail { throw ExitCode(ExitStatus.failed.rawValue) }
        if worst == .error { throw ExitCode(ExitStatus.broken.rawValue) }
    }

    /// As many of the compiler's messages about one object as a person reads; the first error is shown besides.
    private static let linesShown = 6

    private static func line(for result: BuildResult) -> String {
        let file = result.object.split(separator: "/").last ?? ""
        let time = result.cached ? "kept" : String(format: "%.2f s", result.duration)
        return "\(result.verdict.rawValue.uppercased()) \(result.sample) \(file) \(time)"
    }

    private static func summary(_ results: [BuildResult]) -> String {
        let built = results.filter { $0.verdict == .pass }
        let kept = built.count(where: \.cached)
        let warned = built.count { !$0.diagnostics.isEmpty }
        let parts =
            ["\(built.count) built", "\(results.count - built.count) failed"]
            + (kept > 0 ? ["\(kept) kept from earlier builds"] : [])
            + (warned > 0 ? ["\(warned) with warnings"] : [])
        return parts.joined(separator: ", ")
    }

    /// Whose fault a failure is, in a person's words.
    private static func blame(_ fault: BuildFault) -> String {
        switch fault {
        case .harness: "our flags, headers or tools"
        case .tree: "the tree's own source"
        case .compiler: "the compiler"
        case .btf: "the BTF"
        }
    }
}
