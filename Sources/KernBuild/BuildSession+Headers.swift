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
                failures.withLock { $0[header.kind] = error.description }
            }
        }
    }

    private func write(_ header: BuildPlan.GeneratedHeader) throws(ObjectToolError) {
        let content: [UInt8]
        switch header.origin {
        case .types(let btf):
            // The dump costs a tenth of a second, so it is kept beside a note of what it was made of.
            guard let tools = executor.tools else {
                throw ObjectToolError("no libbpf was given to make vmlinux.h with")
            }
            guard let digest = hashes.known(btf)?.digest else {
                let remedy = "name a vmlinux or a file of BTF with --btf"
                throw ObjectToolError("cannot read the types of '\(btf)': no such file, or not readable; \(remedy)")
            }
            let note = FilePath("\(header.path).of")
            let wanted = SealedFields.seal([digest, tools.version])
            if Files.read(note, limit: 1 << 12) == .success(wanted), Files.kind(of: header.path) == .success(.file) {
                return
            }
            _ = Files.removeFile(note)
            try put(try tools.declarations(ofTypesIn: btf), header.path)
            return try put(wanted, note)
        case .helpers:
            let text = try text(plan.tree.path.appending("include/uapi/linux/bpf.h"))
            content = Array(HelperDefinitions(uapi: text).header.utf8)
        case .systemCalls(let table):
            content = Array(table.header(try text(plan.tree.path.appending(table.file))).utf8)
        case .configuration(let file):
            content = Array(KernelHeaders.autoconf(try text(file)).utf8)
        }
        try put(content, header.path)
    }

    private func text(_ path: FilePath) throws(ObjectToolError) -> String {
        switch Files.read(path, limit: 1 << 24) {
        case .success(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .failure(let cause): throw ObjectToolError("cannot read '\(path)': \(cause.lowercased)")
        }
    }

    private func put(_ content: [UInt8], _ path: FilePath) throws(ObjectToolError) {
        if case .failure(let cause) = Files.write(content, to: path) {
            throw ObjectToolError("\(BuildError.cannotWrite(path.string, cause))")
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
