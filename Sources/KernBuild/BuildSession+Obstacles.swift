import RunModel
import Synchronization
import SystemPackage

extension BuildSession {
    /// Why a command need not be tried; `nil` if it must.
    func obstacle(_ command: CompileCommand) -> Finding? {
        let source = command.source
        guard source.isWellFormed else {
            return Finding(.harness, [], cause: "\(BuildPlanError.badSource(source.path))")
        }
        let path = plan.tree.path.appending(source.path)
        switch Files.kind(of: path) {
        case .success(.file): break
        case .success(let kind):
            return Finding(
                .harness,
                [],
                cause: "cannot compile '\(source.path)': it is \(kind.words), not a regular file"
            )
        case .failure(.noSuchFileOrDirectory) where Files.isLink(path):
            return Finding(
                .harness,
                [],
                cause: "cannot compile '\(source.path)': it is a link to a file that is not there"
            )
        case .failure(.noSuchFileOrDirectory): return Finding(.harness, [], cause: absence(of: source))
        case .failure(.tooManySymbolicLinkLevels):
            return Finding(
                .harness,
                [],
                cause: "cannot compile '\(source.path)': it is a link that leads back to itself"
            )
        case .failure(let cause):
            return Finding(.harness, [], cause: "cannot read '\(source.path)': \(cause.lowercased)")
        }
        if Files.isPointer(path) {
            let text = "it is a pointer of git-lfs, not the file itself; run 'git lfs pull' in the tree"
            return Finding(.harness, [], cause: "cannot compile '\(source.path)': \(text)")
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

    /// A FIFO beside a source whose name the source's text has; `nil` where there is none.
    func pipe(namedBy command: CompileCommand) -> String? {
        let source = plan.tree.path.appending(command.source.path)
        let folder = source.removingLastComponent()
        guard case .success(let bytes) = Files.read(source, limit: 1 << 20) else { return nil }
        let text = Files.text(bytes)
        return Files.names(in: folder).first { name in
            Files.kind(of: folder.appending(name)) == .success(.pipe) && text.contains(name)
        }
    }

    private func absence(of source: KernSource) -> String {
        let missing = "kernel tree '\(plan.tree.path)' (\(plan.tree.version)) has no file \(source.path)"
        let account = SampleHistory.builtIn.account(of: source.fileName).map { "it stood as \($0)" }
        return "\(missing); \(account ?? "no kernel that is known here has this sample")"
    }
}

extension Files.Kind {
    /// What it is, for a person.
    var words: String {
        switch self {
        case .file: "a regular file"
        case .folder: "a directory"
        case .pipe: "a FIFO"
        case .device: "a device"
        case .socket: "a socket"
        }
    }
}
