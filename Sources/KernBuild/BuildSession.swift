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
        where answer.inputs.allSatisfy({ hashes.known(names.path($0.name))?.digest == $0.digest }) {
            guard hashes.known(command.object)?.digest == answer.object || restore(answer.object, as: command.object)
            else { continue }
            return result(command, Finding(passed: answer.diagnostics), start: start, cached: true)
        }
        return nil
    }

    /// Compiles one source.
    func build(_ command: CompileCommand, _ index: Int) async throws -> BuildResult {
        let start = ContinuousClock.now
        let began = FileStamp.now
        let object = folder.unfinished("\(index).o")
        let list = folder.unfinished("\(index).d")
        var finding = try await compile(command, to: object, list: list)
        let inputs = inputs(of: command, list: list)
        if finding.verdict == .pass, let (name, place) = escape(among: inputs) {
            let text = "\(name) is outside of the tree, in '\(place)': what it says is not the kernel's"
            finding = Finding(
                .tree,
                finding.diagnostics,
                cause: "\(command.source.path): it includes a file that \(text)"
            )
        }
        if finding.verdict == .pass { keep(object, command, finding.diagnostics, inputs, began: began) }
        return settle(command, finding, object: object, start: start)
    }

    /// Why a command need not be tried; `nil` if it must.
    private func obstacle(_ command: CompileCommand) -> Finding? {
        let source = command.source
        guard plan.tree.contains(source) else {
            let missing = "kernel tree '\(plan.tree.path)' (\(plan.tree.version)) has no file \(source.path)"
            let account = SampleHistory.builtIn.account(of: source.fileName).map { "it stood as \($0)" }
            return Finding(
                .harness,
                [],
                cause: "\(missing); \(account ?? "no kernel that is known here has this sample")"
            )
        }
        if let place = names.escape(source.path) {
            let text = "\(source.path): it is a link that leads out of the tree, to '\(place)'"
            return Finding(.tree, [], cause: "\(text); put a copy of the file in its place")
        }
        // clang says "error reading" and no reason; what is no file is left to it.
        if let cause = Files.refusal(ofReading: plan.tree.path.appending(source.path)) {
            return Finding(
                .harness,
                [],
                cause: "cannot read '\(source.path)': \(cause.lowercased); is it readable for this user?"
            )
        }
        let needs: [HeaderKind] =
            source.types == .btf ? [.types, .helpers] : command.lowering == nil ? [.helpers] : [.internals, .helpers]
        let failed = failures.withLock { failures in
            needs.compactMap { kind in failures[kind].map { (kind, $0) } }.first
        }
        return failed.map { kind, error in
            Finding(kind == .types && !error.isOfOutput ? .btf : .harness, [], cause: error.description)
        }
    }

    /// Runs the compiler, twice where bitcode lies between.
    private func compile(_ command: CompileCommand, to object: FilePath, list: FilePath) async throws -> Finding {
        let output = command.lowering == nil ? object : command.bitcode(of: object)
        var extra = ["-MD", "-MF", list.string, "-MT", "x"]
        if command.source.types == .btf, let header = precompiled.withLock(\.self) {
            extra += ["-include-pch", header.string]
        }
        do {
            var run = try await tool(command.executable, command.arguments(writingTo: output, before: extra))
            if let lowering = command.lowering, run.ending == .exited(0) {
                let said = run
                run = try await tool(command.executable, command.loweringArguments(lowering, writingTo: object))
                run = ToolRun(ending: run.ending, output: said.output + run.output, dropped: said.dropped + run.dropped)
            }
            return Finding(run, of: command, timeout: executor.timeout, plan: plan) {
                Files.read(object, limit: 1 << 26)
            }
        } catch let error as SubprocessError {
            // A cancelled run can surface as an error of its pipe.
            try Task.checkCancellation()
            return Finding(.harness, [], cause: "\(CompilerError(running: command.executable, error))")
        }
    }

    private func tool(_ executable: String, _ arguments: [String]) async throws -> ToolRun {
        try await ToolRun(
            FilePath(executable),
            arguments: arguments,
            workingFolder: plan.tree.path,
            timeout: executor.timeout
        )
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
