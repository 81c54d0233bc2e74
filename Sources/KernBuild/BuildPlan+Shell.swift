import SystemPackage

extension BuildPlan {
    /// The plan as lines that a POSIX shell runs in any folder, and that make what a build makes.
    ///
    /// What is made of the tree's files is made here; a file that cannot be read is a comment in the text. `bpftool` stands for
    /// libbpf, which a build itself calls.
    public var shellText: String {
        let files = headers.map(\.path) + generated.map(\.path) + links.map(\.path)
        let folders = Set(files.map { $0.removingLastComponent().string } + [output.string])
        return
            (["set -e"] + folders.sorted().map { "mkdir -p \(ShellText.quote($0))" }
            + headers.map { ShellText.file($0.path, $0.content) }
            + generated.map { $0.shellText(tree: tree) }
            + links.map { "ln -sfn \(ShellText.quote($0.destination.string)) \(ShellText.quote($0.path.string))" }
            + commands.map(\.shellText) + joins.map(\.shellText))
            .joined(separator: "\n")
    }
}

extension BuildPlan.GeneratedHeader {
    /// The header as lines for a shell.
    func shellText(tree: KernelTree) -> String {
        let place = ShellText.quote(path.string)
        do throws(ObjectToolError) {
            if let content = try content(in: tree) { return ShellText.file(path, content) }
        } catch {
            return "# cannot write \(place): \(error)"
        }
        guard case .types(let btf) = origin else { return "" }
        return "bpftool btf dump file \(ShellText.quote(btf.string)) format c > \(place)"
    }

    /// The header's content where it is made of a file of text; `nil` where libbpf makes it.
    ///
    /// - Throws: ``ObjectToolError`` where the file cannot be read, or does not hold what it must.
    func content(in tree: KernelTree) throws(ObjectToolError) -> [UInt8]? {
        func text(_ file: FilePath) throws(ObjectToolError) -> String {
            if Files.isPointer(file) {
                throw ObjectToolError(
                    "'\(file)' is a pointer of git-lfs, not the file itself; run 'git lfs pull' there"
                )
            }
            switch Files.read(file, limit: 1 << 24) {
            case .success(let bytes): return Files.text(bytes)
            case .failure(let cause): throw ObjectToolError("cannot read '\(file)': \(cause.lowercased)")
            }
        }
        switch origin {
        case .types: return nil
        case .helpers:
            let file = tree.path.appending("include/uapi/linux/bpf.h")
            let definitions = HelperDefinitions(uapi: try text(file))
            // Every tree with libbpf has dozens: none means that the file was not understood.
            guard !definitions.helpers.isEmpty else {
                throw ObjectToolError("cannot find a BPF helper in '\(file)'; is the tree whole?")
            }
            return Array(definitions.header.utf8)
        case .systemCalls(let table): return Array(table.header(try text(tree.path.appending(table.file))).utf8)
        case .configuration(let file): return Array(KernelHeaders.autoconf(try text(file)).utf8)
        }
    }
}

extension ShellText {
    /// Lines that write a file.
    static func file(_ path: FilePath, _ content: [UInt8]) -> String {
        var mark = "EOF"
        let lines = Set(content.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) })
        while lines.contains(mark) { mark += "_" }
        let text = String(decoding: content, as: UTF8.self)
        return
            "cat > \(quote(path.string)) <<'\(mark)'\n\(text)\(text.hasSuffix("\n") || text.isEmpty ? "" : "\n")\(mark)"
    }
}
