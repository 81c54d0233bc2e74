public import RunModel
import SystemPackage

/// Runs the commands of a plan, some at a time.
public struct BuildExecutor: Sendable {
    /// How many compilers may run at once.
    public let jobs: Int
    /// How long one compiler may take; the slowest object needs half a second.
    public let timeout: Duration
    /// How many bytes of memory one compiler may map; the largest object needs 300 MB.
    public let memory: Int
    /// What makes `vmlinux.h` and links objects; `nil` where no source of a plan needs it.
    public let tools: (any ObjectTools)?
    /// Where objects of earlier builds are looked for and kept.
    public let cache: CacheSettings

    /// Where objects of earlier builds are looked for and kept.
    public struct CacheSettings: Sendable, Hashable {
        /// The folder, absolute or relative to the working folder; `nil` for one inside the output folder.
        public var folder: String?
        /// As many bytes as the cache may have when a build ends; `nil` for no cache at all.
        public var limit: Int?

        /// Names a cache.
        public init(folder: String? = nil, limit: Int? = 256 << 20) {
            self.folder = folder
            self.limit = limit
        }

        /// Compile everything, keep nothing.
        public static let none = CacheSettings(limit: nil)
    }

    /// Creates an executor.
    ///
    /// - Parameters:
    ///   - jobs: How many compilers may run at once; fewer than one counts as one.
    ///   - timeout: How long one compiler may take.
    ///   - memory: How many bytes of memory one compiler may map.
    ///   - tools: What makes `vmlinux.h` and links objects.
    ///   - cache: Where objects of earlier builds are looked for and kept.
    public init(
        jobs: Int = Host.onlineProcessors,
        timeout: Duration = .seconds(30),
        memory: Int = 4 << 30,
        tools: (any ObjectTools)? = nil,
        cache: CacheSettings = CacheSettings()
    ) {
        self.jobs = max(1, jobs)
        self.timeout = timeout
        self.memory = memory
        self.tools = tools
        self.cache = cache
    }

    var limits: ToolRun.Limits { ToolRun.Limits(time: timeout, memory: memory) }

    /// Writes the plan's headers and links and runs its commands.
    ///
    /// An object appears under its name only when it is complete and was found to be in order. Where a command fails, an
    /// object of that name from an earlier build is removed. Builds at a time into one folder are safe; where they
    /// make objects of one name out of different trees, the later one's stays.
    ///
    /// - Parameters:
    ///   - plan: What to do.
    ///   - report: Takes each result as it comes, one at a time, in the order in which the commands end.
    /// - Returns: One result a command, in the plan's order, then one a linked object. That a compiler refused a source,
    ///   crashed or took too long is a result.
    /// - Throws: ``BuildError`` if the output folder cannot be prepared; `CancellationError` if the task is cancelled, with
    ///   every compiler gone and nothing unfinished left.
    public func run(
        _ plan: BuildPlan,
        report: @Sendable (BuildResult) -> Void = { _ in }
    ) async throws -> [BuildResult] {
        let folder = try OutputFolder(preparing: plan)
        defer { folder.removeScratch() }
        plan.compiler.remember(in: folder.work)
        let session = BuildSession(plan, in: folder, executor: self)
        session.writeGeneratedHeaders()
        var results = [BuildResult?](repeating: nil, count: plan.commands.count)
        var missing: [Int] = []
        for (index, command) in plan.commands.enumerated() {
            if let result = session.settled(command) {
                report(result)
                results[index] = result
            } else {
                missing.append(index)
            }
        }
        for (index, result) in try await compile(missing, in: session, report: report) { results[index] = result }
        let compiled = results.compactMap(\.self)
        let linked = try plan.joins.map { join in
            try Task.checkCancellation()
            let result = session.link(join, parts: compiled)
            report(result)
            return result
        }
        session.finish()
        return compiled + linked
    }

    /// What one task of a build gives.
    private enum Outcome: Sendable {
        case prepared
        case built(Int, BuildResult)
    }

    /// Compiles what the cache does not have, sources with `vmlinux.h` last: it is compiled for all of them first.
    private func compile(
        _ indices: [Int],
        in session: BuildSession,
        report: @Sendable (BuildResult) -> Void
    ) async throws -> [(Int, BuildResult)] {
        let commands = session.plan.commands
        var ready = indices.filter { commands[$0].source.types == .headers }
        var waiting = indices.filter { commands[$0].source.types == .btf }
        return try await withThrowingTaskGroup(of: Outcome.self) { group in
            var results: [(Int, BuildResult)] = []
            var running = 0
            if waiting.count >= BuildSession.precompilationPays {
                running = 1
                group.addTask {
                    try await session.precompile()
                    return .prepared
                }
            } else {
                ready += waiting
                waiting = []
            }
            var next = 0
            while true {
                while running < jobs, next < ready.count {
                    let index = ready[next]
                    group.addTask { .built(index, try await session.build(commands[index], index)) }
                    next += 1
                    running += 1
                }
                guard let outcome = try await group.next() else { return results }
                running -= 1
                switch outcome {
                case .prepared:
                    ready += waiting
                    waiting = []
                case .built(let index, let result):
                    report(result)
                    results.append((index, result))
                }
            }
        }
    }
}
