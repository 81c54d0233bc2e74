import RunModel
import SystemPackage

/// What clang said in one run, line by line, and whose fault it is.
struct CompilerReport: Sendable, Hashable {
    /// Errors, warnings and notes, one per line, with paths relative to the tree; source excerpts are left out.
    let lines: [String]
    /// What the first error is about, `nil` if there is none.
    let culprit: Culprit?

    /// The first error's line, `nil` if there is none.
    let firstError: String?
    /// The file that the first error is in, relative to the tree; `nil` where that is none of the tree's.
    let firstFile: String?
    /// Whether the first error is that something is declared nowhere, or a header not there.
    let isLacking: Bool
    /// Whether the program had not the memory that it needed.
    let isOutOfMemory: Bool

    /// Who has to change something before the source compiles.
    typealias Culprit = BuildFault

    /// Reads the compiler's output.
    ///
    /// - Parameters:
    ///   - output: What clang wrote.
    ///   - dropped: How many bytes of it are not there.
    ///   - names: Beginnings of paths and what the reader is to see instead; see ``IncludeFolders/debugNames``.
    ///   - types: Where the source has its kernel types from.
    init(_ output: [UInt8], dropped: Int, names: [(String, String)], types: KernSource.Types = .headers) {
        let raw = Files.text(output).split(separator: "\n").map(String.init)
        var lines: [String] = []
        var culprit: Culprit?
        var firstError: String?
        for (index, text) in raw.enumerated() {
            guard let severity = Self.severity(of: text) else { continue }
            let line = names.reduce(text) { line, name in
                line.hasPrefix(name.0 + "/") ? name.1 + line.dropFirst(name.0.count) : line
            }
            lines.append(line)
            if severity == .error, culprit == nil {
                let excerpt = index + 1 < raw.count ? raw[index + 1] : ""
                culprit = Self.culprit(line, excerpt: excerpt, types: types)
                firstError = line
            }
        }
        // No line in clang's form: a linker's, a loader's or a shell script's words are better than none.
        if lines.isEmpty { lines = Array(raw.suffix(5)) }
        if dropped > 0 { lines.append("note: \(dropped) more bytes of the compiler's output were not kept") }
        self.lines = lines
        let place = firstError?.split(separator: ":", maxSplits: 1).first.map(String.init)
        firstFile = place.flatMap { place in
            ["samples/", "include/", "arch/", "tools/"].contains { place.hasPrefix($0) } ? place : nil
        }
        isLacking =
            firstError.map { line in
                line.contains("-Wimplicit-function-declaration") || line.contains("file not found")
                    || line.contains("call to undeclared function")
                    || Self.lacksType.contains { line.contains($0) }
            } ?? false
        isOutOfMemory = raw.contains { line in
            ["LLVM ERROR: out of memory", "std::bad_alloc", "Cannot allocate memory"].contains { line.contains($0) }
        }
        // A type that is first named among a function's parameters makes every later use of it a conflict.
        let unseen = types == .btf ? lines.first { $0.contains("[-Wvisibility]") && $0.hasPrefix("samples/") } : nil
        if let unseen, culprit == .tree {
            self.culprit = .btf
            self.firstError = unseen
        } else {
            self.culprit = culprit
            self.firstError = firstError
        }
    }

    /// The name that the first error says is declared nowhere; `nil` where it is about something else.
    var lackedName: String? {
        guard let line = firstError,
            let phrase = (Self.lacksType + ["declaration of"]).first(where: { line.contains($0) }),
            let place = line.firstRange(of: phrase)
        else { return nil }
        // `no member named 'x' in 'struct y'`, `variable has incomplete type 'struct y'`.
        let quoted = line[place.upperBound...].split(separator: "'", omittingEmptySubsequences: false)
        guard quoted.count >= 3 else { return nil }
        let words = quoted[1].split { !($0.isASCII && ($0.isLetter || $0.isNumber)) && $0 != "_" }
        return words.last { !["struct", "union", "enum", "const", "volatile"].contains($0) }.map(String.init)
    }

    /// The name that the compiler thinks was meant; `nil` where it knows none.
    var suggestion: String? {
        guard let line = firstError, let place = line.firstRange(of: "did you mean '") else { return nil }
        return String(line[place.upperBound...].prefix { $0 != "'" })
    }

    private enum Severity { case error, warning, note }

    private static func severity(of line: String) -> Severity? {
        let marks: [(String, Severity)] = [
            ("fatal error: ", .error), ("error: ", .error), ("warning: ", .warning), ("note: ", .note),
        ]
        // `file:line:column: error: …`, `clang: error: …` or, from the back end, `error: …`.
        return marks.first { line.hasPrefix($0.0) || line.contains(": \($0.0)") }?.1
    }

    /// What clang says of a type or a member that no header declared.
    private static let lacksType = [
        "incomplete definition of type", "to an incomplete type", "has incomplete type", "no member named ",
        "unknown type name", "use of undeclared identifier",
    ]

    /// Who is to blame for a line with an error.
    ///
    /// The excerpt keeps what the message does not say: whether a header that was not found was asked for as `<…>`, and is
    /// ours to provide, or as `"…"`.
    ///
    /// - Parameters:
    ///   - line: The line, with the names that a reader sees.
    ///   - excerpt: The line after it, in which clang shows the source.
    ///   - types: Where the source has its kernel types from.
    /// - Returns: The harness, where nothing speaks for the tree.
    private static func culprit(_ line: String, excerpt: String, types: KernSource.Types) -> Culprit {
        let place = line.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        let isLocated = place.count == 4 && Int(place[1]) != nil && Int(place[2]) != nil
        // The driver's errors have no place: an unknown argument, a missing input, a full disk.
        guard isLocated, !line.hasPrefix("bpf-assay/"), !line.hasPrefix("libbpf/"), !line.hasPrefix("/") else {
            // The back end's have none either, but they are about the source: "error: … in function foo".
            return line.hasPrefix("error: ") && line.contains("in function ") ? .tree : .harness
        }
        // All types of such a source are those of one kernel, and another may not have them.
        if types == .btf, lacksType.contains(where: { line.contains($0) }) { return .btf }
        // A tree's UAPI headers compile in every build of that kernel: what is wrong is how they are presented here.
        if line.hasPrefix("include/") || line.hasPrefix("arch/") { return .harness }
        // The kernel's own build only warns of it, and a kernel-internal header may declare what ours do not.
        if line.contains("-Wimplicit-function-declaration") { return .harness }
        return line.hasSuffix("file not found") && excerpt.contains("<") ? .harness : .tree
    }
}
