import ArgumentParser
import Foundation
import KernBuild
import RunModel
import SampleKit

/// `bpf-assay build`: kern objects out of a kernel tree.
struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Compile the samples' kern objects from a kernel's source tree.",
        discussion: """
            The tree needs no configuration and no make, and nothing is written into it. Without --tree, \
            $BPF_ASSAY_TREE counts, then the newest /usr/src/linux-source-*, then the source link of the running kernel.

            Examples:
              bpf-assay build --tree linux-6.1 --out objects
              bpf-assay build --sample xdp1 --sample networking/sockex1 --dry-run
              bpf-assay build --clang /usr/bin/clang-16 --format json > builds.json

            Exit codes: 0 all built, 1 clang refused a source, 2 a build broke for our sake, \
            64 usage or no such tree, 69 no compiler, no tree or no place to write to.
            """
    )

    @Option(help: ArgumentHelp("The kernel's source tree.", valueName: "folder"))
    var tree: String?

    @Option(help: ArgumentHelp("Where the objects go.", valueName: "folder"))
    var out = "bpf-assay-objects"

    @Option(help: ArgumentHelp("The compiler; default: $CLANG, else clang in PATH.", valueName: "path"))
    var clang: String?

    @Option(help: ArgumentHelp("How many compilers run at once; default: one a processor.", valueName: "count"))
    var jobs: Int?

    @Option(name: .customLong("sample"), help: ArgumentHelp("Only this sample; may be repeated.", valueName: "name"))
    var samples: [String] = []

    @Option(help: "What to print.")
    var format = Format.text

    @Flag(help: "Print the commands and run none of them.")
    var dryRun = false

    /// What goes to standard output.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    func validate() throws {
        if let jobs, jobs < 1 { throw ValidationError("--jobs must be at least 1") }
    }

    func run() async throws {
        let sources: [KernSource]
        do {
            sources = try selectedSamples(samples).map(\.kernSource)
        } catch {
            Console.say("bpf-assay build: \(error)")
            throw ExitCode(ExitStatus.usage.rawValue)
        }
        let results: [BuildResult]
        do {
            let plan = try BuildPlan(
                sources: sources,
                tree: try tree.map { try KernelTree(at: $0) } ?? KernelTree.discover(),
                output: out,
                compiler: try await Compiler.find(named: clang)
            )
            if dryRun { return Console.put(plan.shellText) }
            let executor = BuildExecutor(jobs: jobs ?? Host.onlineProcessors)
            let isText = format == .text
            results = try await untilInterrupted {
                try await executor.run(plan) { result in
                    if isText { Console.put(Self.line(for: result)) }
                    for line in result.verdict == .pass ? [] : result.diagnostics { Console.say("  \(line)") }
                }
            }
        } catch let error where error is KernelTreeError || error is CompilerError || error is BuildError {
            Console.say("bpf-assay build: \(error)")
            let isCallers = error is KernelTreeError && tree != nil
            throw ExitCode((isCallers ? ExitStatus.usage : .unavailable).rawValue)
        } catch let error as BuildPlanError {
            Console.say("bpf-assay build: \(error)")
            throw ExitCode(ExitStatus.usage.rawValue)
        }
        try show(results)
        let worst = [Verdict.fail, .error].first { verdict in results.contains { $0.verdict == verdict } }
        if worst == .fail { throw ExitCode(ExitStatus.failed.rawValue) }
        if worst == .error { throw ExitCode(ExitStatus.broken.rawValue) }
    }

    private func show(_ results: [BuildResult]) throws {
        switch format {
        case .text:
            let built = results.count { $0.verdict == .pass }
            Console.put("\(built) built, \(results.count - built) failed")
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            Console.put(String(decoding: try encoder.encode(results), as: UTF8.self))
        }
    }

    private static func line(for result: BuildResult) -> String {
        let seconds = String(format: "%.2f", result.duration)
        return "\(result.verdict.rawValue.uppercased()) \(result.sample) \(seconds) s"
    }
}
