import RunModel
import Subprocess
import Synchronization
import SystemPackage

/// One run of an executor: what its steps share.
final class BuildSession: Sendable {
    let plan: BuildPlan
    let executor: BuildExecutor
    let folder: OutputFolder
    let names: InputNames
    let hashes: FileHashes
    let cache: ObjectCache?
    /// Why a generated header could not be made, by what it is.
    let failures = Mutex<[HeaderKind: ObjectToolError]>([:])
    let stored = Mutex(false)
    let precompiled = Mutex<FilePath?>(nil)
    /// The headers in a folder of the tree, by the folder.
    let neighbours = Mutex<[FilePath: [String]]>([:])
    /// Options without the place of the output folder, by the options: a plan has a few sets of them for all sources.
    let placeless = Mutex<[[String]: [String]]>([:])

    /// What the texts of files could do, by the digests of their contents.
    let scans = Mutex<[String: SourceScan]>([:])
    /// The folders that are searched for headers, by the options that name them.
    let folders = Mutex<[[String]: [String]]>([:])
    /// Whether our headers with more members are there; `nil` while nobody has asked.
    let extensions = Mutex<Bool?>(nil)
    /// Whether the headers for a build with the tree's own ones are there; `nil` while nobody has asked.
    let references = Mutex<Bool?>(nil)
    /// The files that could be found before others, by where was searched and by the other.
    let rivals = Mutex<[String: [String: [String]]]>([:])

    /// Where the tree's headers know names, by the names.
    let origins = Mutex<[String: NameOrigin]>([:])

    /// What depends on a generated header.
    enum HeaderKind: Sendable, Hashable { case types, helpers, internals }

    /// From how many sources on it pays to compile `vmlinux.h` once for all: it costs as much as three of them save.
    static let precompilationPays = 4

    init(_ plan: BuildPlan, in folder: OutputFolder, executor: BuildExecutor) {
        self.plan = plan
        self.folder = folder
        self.executor = executor
        names = InputNames(plan)
        let place = executor.cache.folder.map(Files.absolute) ?? folder.work.appending("cache")
        cache = executor.cache.limit == nil ? nil : ObjectCache(folder: place)
        hashes = FileHashes(memory: cache == nil ? nil : folder.work.appending("digests"))
    }

    /// Writes down what was learnt and keeps the cache within its limit.
    func finish() {
        hashes.save()
        if let cache, let limit = executor.cache.limit, stored.withLock({ $0 }) { cache.trim(to: limit) }
    }

    // MARK: One source

    /// A command's result where nothing has to run for it: the object is there already, or in the cache, or cannot be made.
    func settled(_ command: CompileCommand) -> BuildResult? {
        let start = ContinuousClock.now
        if let finding = obstacle(command) { return settle(command, finding, start: start) }
        guard let cache, let question = question(command) else { return nil }
        for answer in cache.answers(to: question)
        where isCurrent(answer, command) {
            guard hashes.known(command.object)?.digest == answer.object || restore(answer.object, as: command.object)
            else { continue }
            return result(command, Finding(passed: answer.diagnostics), start: start, cached: true)
        }
        return nil
    }

    /// Whether an answer's object would be the same if it was made now.
    private func isCurrent(_ answer: ObjectCache.Answer, _ command: CompileCommand) -> Bool {
        // Made of the types that the kernel has now.
        if answer.inputs.contains(where: { isExtended($0.name) }), !extend() { return false }
        return answer.inputs.allSatisfy { hashes.known(names.path($0.name))?.digest == $0.digest }
            && !isShadowed(answer.inputs, of: command)
    }

    /// Compiles one source.
    func build(_ command: CompileCommand, _ index: Int) async throws -> BuildResult {
        let start = ContinuousClock.now
        let began = FileStamp.now
        let object = folder.unfinished("\(index).o")
        let list = folder.unfinished("\(index).d")
        var finding = try await attempt(command, to: object, list: list)
        if finding.verdict == .pass {
            do {
                let inputs = try inputs(of: command, list: list)
                let scan = try scan(inputs)
                try await proveAssembler(command, of: object, scan)
                if !scan.dependsOnMore, let all = withRivals(inputs, of: command) {
                    keep(object, command, finding.diagnostics, all, began: began)
                }
            } catch let refusal as Refusal {
                finding = Finding(
                    refusal.fault,
                    finding.diagnostics,
                    cause: "\(command.source.path): error: \(refusal.reason)"
                )
            }
        }
        return settle(command, finding, object: object, start: start)
    }

    /// Compiles one source, and looks for the cause where the compiler does not know something that a kernel has.
    private func attempt(_ command: CompileCommand, to object: FilePath, list: FilePath) async throws -> Finding {
        let (finding, report) = try await compile(command, to: object, list: list)
        if finding.fault == .compiler, let name = pipe(namedBy: command) {
            let text = "it includes \(name), which is a FIFO: the compiler waits for what nobody writes"
            return Finding(.harness, finding.diagnostics, cause: "\(command.source.path): error: \(text)")
        }
        guard let report, finding.verdict != .pass else { return finding }
        if let file = report.firstFile, Files.isPointer(plan.tree.path.pushing(FilePath(file))) {
            let text = "\(file) is a pointer of git-lfs, not the file itself; run 'git lfs pull' in the tree"
            return Finding(.harness, [], cause: text)
        }
        if report.isLacking, finding.fault != .btf, let part = plan.tree.missingPart(plan.settings.architecture) {
            return Finding(.harness, finding.diagnostics, cause: "\(part)")
        }
        if finding.fault == .btf { return distinguished(finding, report) }
        guard report.isLacking, command.lowering == nil, command.source.types == .headers else { return finding }
        if let better = try await compileExtended(command, to: object, list: list) { return better }
        return try await judged(finding, report, command, to: object)
    }

    // MARK: The compiler

    /// Runs the compiler, twice where an intermediate form lies between.
    ///
    /// - Returns: What came of it, and what the compiler said where it refused the source.
    func compile(
        _ command: CompileCommand,
        to object: FilePath,
        list: FilePath
    ) async throws -> (Finding, CompilerReport?) {
        let output = command.lowering == nil ? object : command.intermediate(of: object)
        let extra = ["-MD", "-MF", list.string, "-MT", "x"] + precompiledOptions(command)
        do {
            var run = try await tool(command.executable, command.arguments(writingTo: output, before: extra))
            if let lowering = command.lowering, run.ending == .exited(0) {
                let said = run
                run = try await tool(command.executable, command.loweringArguments(lowering, writingTo: object))
                run = ToolRun(ending: run.ending, output: said.output + run.output, dropped: said.dropped + run.dropped)
            }
            let report = CompilerReport(
                run.output,
                dropped: run.dropped,
                names: plan.include.debugNames,
                types: command.source.types
            )
            let finding = Finding(run, report, of: command, limits: executor.limits, plan: plan) {
                Files.read(object, limit: 1 << 26)
            }
            if case .exited(let code) = run.ending, code != 0 { return (finding, report) }
            return (finding, nil)
        } catch let error as SubprocessError {
            return (try harmed(error, command.executable), nil)
        }
    }

    /// What it means that a tool could not be run.
    func harmed(_ error: SubprocessError, _ program: String) throws -> Finding {
        // A cancelled run can surface as an error of its pipe.
        try Task.checkCancellation()
        let text = error.underlyingError?.lowercased ?? "\(error)"
        return Finding(.harness, [], cause: "\(CompilerError.cannotRun(program, text))")
    }

    private func precompiledOptions(_ command: CompileCommand) -> [String] {
        guard command.source.types == .btf, let header = precompiled.withLock(\.self) else { return [] }
        return ["-include-pch", header.string]
    }

    func tool(_ executable: String, _ arguments: [String]) async throws -> ToolRun {
        try await ToolRun(
            FilePath(executable),
            arguments: arguments,
            workingFolder: plan.tree.path,
            limits: executor.limits
        )
    }

    /// Proves that no assembler text of a command reads a file, where its sources do not show it.
    ///
    /// - Throws: ``Refusal`` where it does or may; what a cancelled task throws.
    private func proveAssembler(_ command: CompileCommand, of object: FilePath, _ scan: SourceScan) async throws {
        if command.lowering != nil { return try prove(command.intermediate(of: object)) }
        guard scan.needsProof else { return }
        let module = FilePath("\(object).ll")
        let options = ["-S", "-emit-llvm"] + precompiledOptions(command)
        do {
            let run = try await tool(command.executable, command.arguments(writingTo: module, before: options))
            guard run.ending == .exited(0) else {
                throw Refusal(
                    reason: "its assembler text cannot be had from the compiler (\(run.ending))",
                    fault: .harness
                )
            }
        } catch is SubprocessError {
            try Task.checkCancellation()
            throw Refusal(reason: "its assembler text cannot be had from the compiler", fault: .harness)
        }
        try prove(module)
    }

    /// Compiles `vmlinux.h` for all sources that include it; without it they compile as well, each for itself.
    ///
    /// The objects are the same: with clang 14 byte for byte. Clang 21 numbers the forward declarations in the BTF by where
    /// they lie in its memory, which changes with any argument's length, here or not. A test holds it to that.
    func precompile() async throws {
        let output = folder.unfinished("vmlinux.pch")
        let header = plan.include.btf.appending("vmlinux.h").string
        let arguments = plan.btfOptions + ["-x", "c-header", header, "-o", output.string]
        do {
            let run = try await tool(plan.compiler.path, arguments)
            if run.ending == .exited(0) { precompiled.withLock { $0 = output } }
        } catch is SubprocessError {
            try Task.checkCancellation()
        }
    }

    // MARK: Results

    /// Puts an object in its place, or removes what stood there, and says what came of it.
    private func settle(
        _ command: CompileCommand,
        _ finding: Finding,
        object: FilePath? = nil,
        start: ContinuousClock.Instant
    ) -> BuildResult {
        var finding = finding
        hashes.forget(command.object)
        let done =
            if finding.verdict == .pass, let object { folder.accept(object, as: command.object) } else {
                folder.discard(command.object)
            }
        if case .failure(let cause) = done {
            let failure = BuildError.cannotWrite(command.object.string, cause)
            finding = Finding(.harness, finding.diagnostics, cause: "\(failure)")
        }
        return result(command, finding, start: start, cached: false)
    }

    private func result(
        _ command: CompileCommand,
        _ finding: Finding,
        start: ContinuousClock.Instant,
        cached: Bool
    ) -> BuildResult {
        BuildResult(
            sample: command.source.sample,
            object: command.object.string,
            verdict: finding.verdict,
            command: command.shellText,
            diagnostics: finding.diagnostics,
            duration: (ContinuousClock.now - start) / .seconds(1),
            cached: cached,
            fault: finding.fault,
            cause: finding.cause
        )
    }
}
