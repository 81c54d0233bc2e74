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
        try put(try content(of: header, origin.file), header.path)
        try put(wanted, note)
    }

    /// The file that a header is made of, its digest, and what makes the header.
    private func origin(
        of header: BuildPlan.GeneratedHeader
    ) throws(ObjectToolError) -> (file: FilePath, digest: String, maker: String) {
        var maker = "bpf-assay 1"
        var remedy = "is the tree whole?"
        let file: FilePath
        switch header.origin {
        case .types(let btf):
            guard let tools = executor.tools else {
                throw ObjectToolError("no libbpf was given to make vmlinux.h with")
            }
            maker = tools.version
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

    private func content(of header: BuildPlan.GeneratedHeader, _ file: FilePath) throws(ObjectToolError) -> [UInt8] {
        switch header.origin {
        case .types: try executor.tools?.declarations(ofTypesIn: file) ?? []
        case .helpers: Array(HelperDefinitions(uapi: try text(file)).header.utf8)
        case .systemCalls(let table): Array(table.header(try text(file)).utf8)
        case .configuration: Array(KernelHeaders.autoconf(try text(file)).utf8)
        }
    }

    private func text(_ path: FilePath) throws(ObjectToolError) -> String {
        switch Files.read(path, limit: 1 << 24) {
        case .success(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .failure(let cause): throw ObjectToolError("cannot read '\(path)': \(cause.lowercased)")
        }
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
