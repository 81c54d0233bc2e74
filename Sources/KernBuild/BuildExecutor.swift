public import RunModel
import Subprocess
import SystemPackage

/// Runs the commands of a plan, some at a time.
public struct BuildExecutor: Sendable {
    /// How many compilers may run at once.
    public let jobs: Int
    /// How long one compiler may take; the slowest object needs a fifth of a second.
    public let timeout: Duration

    /// Creates an executor.
    ///
    /// - Parameters:
    ///   - jobs: How many compilers may run at once; fewer than one counts as one.
    ///   - timeout: How long one compiler may take.
    public init(jobs: Int = Host.onlineProcessors, timeout: Duration = .seconds(60)) {
        self.jobs = max(1, jobs)
        self.timeout = timeout
    }

    /// Writes the plan's headers and links and runs its commands.
    ///
    /// An object appears under its name only when it is complete and was found to be in order. Where a command fails, an
    /// object of that name from an earlier build is removed. Two builds at a time into one folder are safe for the
    /// same tree, compiler and architecture only.
    ///
    /// - Parameters:
    ///   - plan: What to do.
    ///   - report: Takes each result as it comes, one at a time, in the order in which the commands end.
    /// - Returns: One result a command, in the plan's order. That a compiler refused a source, crashed or took too long is
    ///   a result.
    /// - Throws: ``BuildError`` if the output folder cannot be prepared; `CancellationError` if the task is cancelled, with
    ///   every compiler gone and nothing unfinished left.
    public func run(
        _ plan: BuildPlan,
        report: @Sendable (BuildResult) -> Void = { _ in }
    ) async throws -> [BuildResult] {
        let folder = try OutputFolder(preparing: plan)
        defer { folder.removeScratch() }
        let results = try await withThrowingTaskGroup(of: (Int, BuildResult).self) { group in
            var results = [BuildResult?](repeating: nil, count: plan.commands.count)
            var waiting = plan.commands.enumerated().makeIterator()
            func start() {
                guard let (index, command) = waiting.next() else { return }
                group.addTask { (index, try await build(command, index, of: plan, in: folder)) }
            }
            for _ in 0..<jobs { start() }
            while let (index, result) = try await group.next() {
                report(result)
                results[index] = result
                start()
            }
            return results
        }
        return results.compactMap(\.self)
    }

    /// Runs one command.
    private func build(
        _ command: CompileCommand,
        _ index: Int,
        of plan: BuildPlan,
        in folder: OutputFolder
    ) async throws -> BuildResult {
        let start = ContinuousClock.now
        let unfinished = folder.unfinished(index)
        var finding: Finding
        if !plan.tree.contains(command.source) {
            let missing = "kernel tree '\(plan.tree.path)' (\(plan.tree.version)) has no file \(command.source.path)"
            finding = Finding(.error, ["error: \(missing); not every kernel version has this sample"])
        } else {
            finding = try await compile(command, to: unfinished, of: plan)
        }
        let settled =
            finding.verdict == .pass
            ? folder.accept(unfinished, as: command.object) : folder.discard(command.object)
        if case .failure(let cause) = settled {
            let failure = BuildError.cannotWrite(command.object.string, cause)
            finding = Finding(.error, finding.diagnostics + ["error: \(failure)"])
        }
        return BuildResult(
            sample: command.source.sample,
            object: command.object.string,
            verdict: finding.verdict,
            command: command.shellText,
            diagnostics: finding.diagnostics,
            duration: (ContinuousClock.now - start) / .seconds(1)
        )
    }

    /// Compiles one source and judges what came of it.
    private func compile(_ command: CompileCommand, to output: FilePath, of plan: BuildPlan) async throws -> Finding {
        let run: ToolRun
        do {
            run = try await ToolRun(
                FilePath(command.executable),
                arguments: command.arguments(writingTo: output),
                workingFolder: command.workingFolder,
                timeout: timeout
            )
        } catch let error as SubprocessError {
            // A cancelled run can surface as an error of its pipe.
            try Task.checkCancellation()
            let cause = CompilerError.cannotRun(command.executable, error.underlyingError?.lowercased ?? "\(error)")
            return Finding(.error, ["error: \(cause)"])
        }
        return Finding(run, of: command, timeout: timeout, names: plan.displayNames) {
            Files.read(output, limit: 1 << 26)
        }
    }
}

extension BuildPlan {
    /// Beginnings of paths in the compiler's messages, and what a reader sees in their place.
    var displayNames: [(String, String)] {
        IncludeFolders(tree: tree, root: output.appending("headers"), libbpf: "").debugNames
    }
}
