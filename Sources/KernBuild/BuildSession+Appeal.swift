import RunModel
import Subprocess
import Synchronization
import SystemPackage

/// What is tried before anybody is blamed for something that our headers do not declare.
extension BuildSession {
    /// Compiles a source with the members that a kernel's types add to our structs.
    ///
    /// - Returns: `nil` where that does not help.
    func compileExtended(_ command: CompileCommand, to object: FilePath, list: FilePath) async throws -> Finding? {
        guard extend(), let start = command.options.firstIndex(of: "-isystem") else { return nil }
        var options = command.options
        options.insert(contentsOf: ["-isystem", plan.include.extended.string], at: start)
        let extended = CompileCommand(
            source: command.source,
            executable: command.executable,
            options: options,
            lowering: nil,
            workingFolder: command.workingFolder,
            object: command.object
        )
        let finding = try await compile(extended, to: object, list: list).0
        guard finding.verdict == .pass else { return nil }
        let note = "note: members of kernel structs that bpf-assay's headers lack are those of '\(plan.typesFile)'"
        return Finding(passed: finding.diagnostics + [note])
    }

    /// Whether a file is one of the headers that ``extend()`` writes.
    func isExtended(_ name: String) -> Bool { name.hasPrefix("<headers>/compat/extended/") }

    /// Writes our headers with more members, unless they are there and of the same types; once a build.
    ///
    /// - Returns: Whether they are there.
    func extend() -> Bool {
        extensions.withLock { known in
            if let known { return known }
            let answer = writeExtended()
            known = answer
            return answer
        }
    }

    private func writeExtended() -> Bool {
        let file = plan.typesFile
        guard let tools = executor.tools, let digest = hashes.known(file)?.digest else { return false }
        let folder = plan.include.extended
        let note = folder.appending("of")
        let wanted = SealedFields.seal([digest, tools.version, CompatHeaders.digest])
        let header = folder.appending("kernel_structs.h")
        if Files.read(note, limit: 1 << 12) == .success(wanted), Files.kind(of: header) == .success(.file) {
            return true
        }
        guard let types = try? tools.declarations(ofTypesIn: file), case .success = Files.makeFolder(folder) else {
            return false
        }
        var prelude = PackageResources.bpf_assay_prelude_h
        // On x86 this is no matter of configuration.
        if plan.settings.architecture == .x86 {
            prelude += Array("\n#define PAGE_SHIFT 12\n#define PAGE_SIZE 4096UL\n".utf8)
        }
        let structs = KernelStructs.extended(PackageResources.kernel_structs_h, by: types)
        _ = Files.removeFile(note)
        for (path, content) in [
            (header, structs), (folder.appending("bpf_assay_prelude.h"), prelude), (note, wanted),
        ] {
            guard case .success = Files.write(content, to: path) else { return false }
            hashes.forget(path)
        }
        return true
    }

    /// Asks the tree's own headers whose fault it is that a source does not compile with ours.
    ///
    /// An object that they give is not taken: it would have the offsets of a configuration that no kernel has.
    func judged(
        _ finding: Finding,
        _ report: CompilerReport,
        _ command: CompileCommand,
        to object: FilePath
    ) async throws -> Finding {
        guard let line = report.firstError, let reference = reference(for: command) else { return finding }
        let module = FilePath("\(object).reference.ll")
        // The kernel's own build only warns of it, and then leaves a call that no loader resolves.
        let options = ["-Werror=implicit-function-declaration"]
        let own: CompilerReport
        do {
            let run = try await tool(
                reference.command.executable,
                reference.command.arguments(writingTo: module, before: options)
            )
            if run.ending == .exited(0) {
                let text = "the tree's own headers have what bpf-assay's lack; build it with '--headers kernel'"
                return Finding(.harness, finding.diagnostics, cause: "\(line): \(text)", isSaid: true)
            }
            guard case .exited = run.ending else { return finding }
            own = CompilerReport(run.output, dropped: run.dropped, names: reference.names)
        } catch is SubprocessError {
            try Task.checkCancellation()
            return finding
        }
        // Refused for the same kind of reason, in the sample itself: no headers of this tree would do.
        guard own.isLacking, own.firstFile?.hasPrefix("samples/") == true else { return finding }
        return Finding(.tree, finding.diagnostics, cause: line, isSaid: true)
    }

    /// The command that compiles a source with the tree's own headers; `nil` where they cannot be had.
    private func reference(for command: CompileCommand) -> (command: CompileCommand, names: [(String, String)])? {
        var settings = plan.settings
        settings.headers = .kernel
        let other = try? BuildPlan(
            sources: [command.source],
            tree: plan.tree,
            output: plan.output.string,
            compiler: plan.compiler,
            settings: settings
        )
        guard let other, let first = other.commands.first else { return nil }
        let isThere = references.withLock { known in
            if let known { return known }
            let session = BuildSession(other, in: folder, executor: executor)
            let isPlaced = (try? OutputFolder.place(other)) != nil
            if isPlaced { session.writeGeneratedHeaders() }
            known = isPlaced && session.failures.withLock { $0.isEmpty }
            return known ?? false
        }
        return isThere ? (first, other.include.debugNames) : nil
    }
}

extension BuildPlan {
    /// The kernel whose types a build uses, if only to look something up.
    var typesFile: FilePath { Files.absolute(settings.btf) }
}
