import Synchronization
import SystemPackage

extension BuildSession {
    /// Writes the headers that are made of what the tree or a kernel says.
    ///
    /// One that cannot be made is no error yet: only the sources that need it fail, each for that reason.
    func writeGeneratedHeaders() {
        for header in plan.generated {
            do throws(ObjectToolError) {
                try write(header)
            } catch {
                failures.withLock { $0[header.kind] = error }
            }
        }
    }

    /// Makes a header, unless one that was made of the same stands there.
    ///
    /// What it was made of is noted beside it: to make all of them again costs a third of a second.
    private func write(_ header: BuildPlan.GeneratedHeader) throws(ObjectToolError) {
        let origin = try origin(of: header)
        let note = FilePath("\(header.path).of")
        let wanted = SealedFields.seal([origin.digest, origin.maker])
        if Files.read(note, limit: 1 << 12) == .success(wanted), Files.kind(of: header.path) == .success(.file) {
            return
        }
        _ = Files.removeFile(note)
        let content: [UInt8]
        if let text = try header.content(in: plan.tree) {
            content = text
        } else if let tools = executor.tools {
            content = try tools.declarations(ofTypesIn: origin.file)
        } else {
            throw ObjectToolError("no libbpf was given to make vmlinux.h with")
        }
        try put(content, header.path)
        try put(wanted, note)
    }

    /// The file that a header is made of, its digest, and what makes the header.
    private func origin(
        of header: BuildPlan.GeneratedHeader
    ) throws(ObjectToolError) -> (file: FilePath, digest: String, maker: String) {
        var maker = "bpf-assay 2"
        var remedy = "is the tree whole?"
        let file: FilePath
        switch header.origin {
        case .types(let btf):
            maker = executor.tools?.version ?? ""
            remedy = "name a vmlinux or a file of BTF with --btf"
            file = btf
        case .helpers: file = plan.tree.path.appending("include/uapi/linux/bpf.h")
        case .systemCalls(let table): file = plan.tree.path.appending(table.file)
        case .configuration(let configuration):
            remedy = "name a kernel's .config with --kernel-config"
            file = configuration
        }
        guard let digest = hashes.known(file)?.digest else {
            let name = header.path.lastComponent?.string ?? ""
            throw ObjectToolError(
                "cannot read '\(file)', of which \(name) is made: no such file, or not readable; \(remedy)"
            )
        }
        return (file, digest, maker)
    }

    private func put(_ content: [UInt8], _ path: FilePath) throws(ObjectToolError) {
        if case .failure(let cause) = Files.write(content, to: path) {
            throw ObjectToolError("\(BuildError.cannotWrite(path.string, cause))", isOfOutput: true)
        }
    }
}

extension BuildPlan.GeneratedHeader {
    fileprivate var kind: BuildSession.HeaderKind {
        switch origin {
        case .types: .types
        case .helpers: .helpers
        case .systemCalls, .configuration: .internals
        }
    }
}
