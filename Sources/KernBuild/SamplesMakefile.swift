/// What `samples/bpf/Makefile` says of kern objects, read as data: no line of it is expanded or run.
struct SamplesMakefile: Sendable, Hashable {
    /// The objects that a build always makes, such as `sockex1_kern.o`, in the file's order, each once.
    private(set) var objects: [String] = []
    /// What is linked of several objects: the name before `.lbpf.o`, and the objects.
    private(set) var linked: [(name: String, parts: [String])] = []

    /// Reads the assignments of a Makefile's text.
    ///
    /// Words with a part of an expansion or a `/` in them are left out: nothing is expanded, and an object of `samples/bpf` has no folder in
    /// its name. So are the objects that a host program is linked of, which old trees list with the others.
    init(_ text: String) {
        var seen: Set<String> = []
        var hostParts: Set<String> = []
        for line in Self.logicalLines(text) {
            guard let (name, words) = Self.assignment(line) else { continue }
            let plain = words.filter { word in
                word.hasSuffix(".o") && word.count > 2 && !word.contains { "$(){}/".contains($0) }
            }
            if name == "always" || name == "always-y" {
                for word in plain where seen.insert(word).inserted { objects.append(word) }
            } else if name.hasSuffix(".skel.h-deps"), plain.count > 1 {
                linked.append((String(name.dropLast(".skel.h-deps".count)), plain))
            } else if name.hasSuffix("-objs") {
                hostParts.formUnion(plain)
            }
        }
        objects.removeAll { hostParts.contains($0) }
    }

    static func == (left: Self, right: Self) -> Bool {
        left.objects == right.objects
            && left.linked.elementsEqual(right.linked) { $0.name == $1.name && $0.parts == $1.parts }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(objects)
        for (name, parts) in linked {
            hasher.combine(name)
            hasher.combine(parts)
        }
    }

    /// Lines with those that a backslash continues joined to them, without comments.
    private static func logicalLines(_ text: String) -> [String] {
        var lines: [String] = []
        var open = ""
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let isContinued = line.hasSuffix("\\")
            open += isContinued ? line.dropLast() + " " : line
            if isContinued { continue }
            lines.append(String(open.prefix { $0 != "#" }))
            open = ""
        }
        return lines + (open.isEmpty ? [] : [open])
    }

    /// A line's variable and the words that it is given; `nil` for recipes and for all that is no assignment.
    private static func assignment(_ line: String) -> (name: Substring, words: [String])? {
        guard !line.hasPrefix("\t"), let equals = line.firstIndex(of: "=") else { return nil }
        var left = line[..<equals]
        while let last = left.last, ":+?".contains(last) { left.removeLast() }
        let names = left.split(whereSeparator: \.isWhitespace)
        guard names.count == 1 else { return nil }
        return (names[0], line[line.index(after: equals)...].split(whereSeparator: \.isWhitespace).map(String.init))
    }
}
