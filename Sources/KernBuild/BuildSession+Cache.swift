import FileBytes
import RunModel
import Synchronization
import SystemPackage

extension BuildSession {
    /// A file that a compiler read, and its digest.
    typealias Input = (name: String, digest: String, stamp: FileStamp)

    /// What the cache is asked for a command: all that is known before the compiler runs.
    ///
    /// The headers of `samples/bpf` are among it by their names: a new one there can come before one that was read.
    func question(_ command: CompileCommand) -> String? {
        guard let identity = plan.compiler.identity else { return nil }
        let folder = plan.tree.path.appending(command.source.path).removingLastComponent()
        let beside = neighbours.withLock { known in
            if let names = known[folder] { return names }
            // A `vmlinux.h` there is never read.
            let names = Files.names(in: folder).filter { $0.hasSuffix(".h") && $0 != "vmlinux.h" }
            known[folder] = names
            return names
        }
        let root = plan.include.root.string
        let options = command.options + (command.lowering ?? [])
        let arguments = placeless.withLock { known in
            if let arguments = known[options] { return arguments }
            let arguments = options.map { $0.replacing(root, with: "<headers>") }
            known[options] = arguments
            return arguments
        }
        return SHA256.hex(
            Array((["compile 2", identity, command.source.path] + arguments + beside).joined(separator: "\0").utf8)
        )
    }

    /// Keeps an object, unless a file was changed while the compiler ran: it may have read either content.
    func keep(_ object: FilePath, _ command: CompileCommand, _ said: [String], _ inputs: [Input], began: Int64) {
        guard let cache, let question = question(command),
            case .success(let bytes) = Files.read(object, limit: 1 << 26)
        else { return }
        let own = plan.include.root.string + "/"
        let isSettled = inputs.allSatisfy { input in
            let path = names.path(input.name)
            // Ours were written before the first compiler began, and by nobody else.
            return path.string.hasPrefix(own)
                || input.stamp.changed < began - FileStamp.settling && FileStamp(path) == input.stamp
        }
        guard isSettled else { return }
        let answer = ObjectCache.Answer(
            object: SHA256.hex(bytes),
            diagnostics: said,
            inputs: inputs.map { ($0.name, $0.digest) }
        )
        cache.store(answer, to: question, object: bytes)
        stored.withLock { $0 = true }
    }

    /// Copies an object out of the cache.
    ///
    /// - Returns: Whether it is in place now. One that is damaged is as good as none.
    func restore(_ digest: String, as object: FilePath) -> Bool {
        guard let cache, case .success(let bytes) = Files.read(cache.object(digest), limit: 1 << 26),
            SHA256.hex(bytes) == digest
        else { return false }
        let copy = folder.unfinished("\(digest).o")
        guard case .success = Files.write(bytes, to: copy), case .success = folder.accept(copy, as: object) else {
            return false
        }
        hashes.forget(object)
        return true
    }

    // MARK: Linking

    /// Links one object of others.
    func link(_ join: JoinCommand, parts compiled: [BuildResult]) -> BuildResult {
        let start = ContinuousClock.now
        let parts = join.parts.map { part in compiled.first { $0.object == part.string } }
        if let failed = parts.compactMap(\.self).first(where: { $0.verdict != .pass }) {
            let name = failed.object.split(separator: "/").last ?? ""
            let text = "its part \(name) was not built: \(failed.cause ?? "")"
            _ = folder.discard(join.object)
            return result(join, Finding(failed.fault ?? .harness, [], cause: text), start: start)
        }
        guard let tools = executor.tools else {
            return result(join, Finding(.harness, [], cause: "no libbpf was given to link objects with"), start: start)
        }
        let digests = join.parts.map { hashes.known($0)?.digest }
        let question = SHA256.hex(
            Array((["link 1", tools.version] + digests.map { $0 ?? "" }).joined(separator: "\0").utf8)
        )
        let isKnown = !digests.contains(nil)
        if let cache, isKnown, let answer = cache.answers(to: question).first,
            hashes.known(join.object)?.digest == answer.object || restore(answer.object, as: join.object)
        {
            return result(join, Finding(passed: answer.diagnostics), start: start, cached: true)
        }
        let output = folder.unfinished(join.object.lastComponent?.string ?? "linked.o")
        do throws(ObjectToolError) {
            try tools.link(join.parts, into: output)
        } catch {
            _ = folder.discard(join.object)
            return result(join, Finding(.harness, [], cause: "\(error)"), start: start)
        }
        let bytes = Files.read(output, limit: 1 << 26)
        let finding = Finding(linked: bytes, name: join.object.lastComponent?.string ?? "")
        hashes.forget(join.object)
        let done = finding.verdict == .pass ? folder.accept(output, as: join.object) : folder.discard(join.object)
        if case .failure(let cause) = done {
            let failure = BuildError.cannotWrite(join.object.string, cause)
            return result(join, Finding(.harness, [], cause: "\(failure)"), start: start)
        }
        if let cache, isKnown, finding.verdict == .pass, case .success(let bytes) = bytes {
            let answer = ObjectCache.Answer(object: SHA256.hex(bytes), diagnostics: [], inputs: [])
            cache.store(answer, to: question, object: bytes)
            stored.withLock { $0 = true }
        }
        return result(join, finding, start: start)
    }

    private func result(
        _ join: JoinCommand,
        _ finding: Finding,
        start: ContinuousClock.Instant,
        cached: Bool = false
    ) -> BuildResult {
        BuildResult(
            sample: join.sample,
            object: join.object.string,
            verdict: finding.verdict,
            command: join.shellText,
            diagnostics: finding.diagnostics,
            duration: (ContinuousClock.now - start) / .seconds(1),
            cached: cached,
            fault: finding.fault,
            cause: finding.cause
        )
    }
}
