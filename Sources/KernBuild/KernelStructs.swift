/// The members that our cut-down kernel structs lack, taken from the declarations of a kernel's types.
///
/// A sample that was edited reads what no sample read before. Offsets do not matter, the loader resolves them; so a name and a
/// plain type are enough: numbers, arrays of numbers and pointers. A member that is itself a struct is left out.
struct KernelStructs {
    /// Structs that are ours, and some that those point to.
    private static let others = ["cred", "file", "inode", "mm_struct", "sock"]

    /// Adds members to our header of kernel structs.
    ///
    /// - Parameters:
    ///   - header: Ours.
    ///   - declarations: All types of a kernel as C, one member a line, as libbpf writes it.
    /// - Returns: The header's text with more members.
    static func extended(_ header: [UInt8], by declarations: [UInt8]) -> [UInt8] {
        let lines = declarations.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        var reader = Reader(lines)
        var result: [String] = []
        var known: Set<String> = []
        var name: String?
        var members: Set<String> = []
        for line in Files.text(header).split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("struct "), line.hasSuffix(" {") {
                name = String(line.dropFirst("struct ".count).dropLast(" {".count))
                members = []
            } else if line == "};", let open = name {
                known.insert(open)
                result += reader.members(of: open).filter { !members.contains($0.name) }.map { "\t\($0.text)" }
                name = nil
            } else if line.contains("attribute pop") {
                for other in others where !known.contains(other) {
                    let found = reader.members(of: other).map { "\t\($0.text)" }
                    if !found.isEmpty { result += ["struct \(other) {"] + found + ["};"] }
                }
            } else if name != nil, let own = Member(line) {
                members.insert(own.name)
            }
            result.append(line)
        }
        return Array(result.joined(separator: "\n").utf8)
    }

    /// One member's line, split.
    private struct Member {
        var type: String
        let name: String
        let suffix: String
        var text: String { "\(type)\(type.hasSuffix("*") ? "" : " ")\(name)\(suffix);" }

        /// Reads a line such as `struct task_struct *real_parent;`; `nil` for functions, and for what has no name.
        init?(_ line: String) {
            let text = line.drop { $0 == "\t" || $0 == " " }
            guard text.hasSuffix(";"), !text.contains("("), !text.contains("{"), !text.contains("}") else { return nil }
            let body = text.dropLast()
            let end = body.firstIndex { $0 == "[" || $0 == ":" } ?? body.endIndex
            let head = body[..<end]
            guard let start = head.lastIndex(where: { $0 == " " || $0 == "*" }) else { return nil }
            name = String(head[head.index(after: start)...])
            guard !name.isEmpty else { return nil }
            var type = head[...start]
            while type.last == " " { type.removeLast() }
            self.type = String(type)
            suffix = String(body[end...])
        }
    }

    /// Finds structs in declarations.
    private struct Reader {
        let lines: [String]
        private var typedefs: [String: String] = [:]
        private var starts: [String: Int] = [:]

        init(_ lines: [String]) {
            self.lines = lines
            for (index, line) in lines.enumerated() {
                if line.hasPrefix("typedef "), let member = Member(String(line.dropFirst("typedef ".count))) {
                    if member.suffix.isEmpty { typedefs[member.name] = member.type }
                } else if line.hasPrefix("struct "), line.hasSuffix(" {") {
                    starts[String(line.dropFirst("struct ".count).dropLast(" {".count))] = index
                }
            }
        }

        /// The members of a struct whose types are plain, those of unnamed structs in it among them.
        mutating func members(of name: String) -> [Member] {
            guard let start = starts[name] else { return [] }
            var open: [[Member]] = [[]]
            for line in lines[(start + 1)...] {
                let text = line.drop { $0 == "\t" }
                if text.hasSuffix("{") {
                    open.append([])
                } else if text.hasPrefix("}") {
                    let inner = open.removeLast()
                    if open.isEmpty { return inner }
                    if text.hasPrefix("};") { open[open.count - 1] += inner }
                } else if let member = Member(line), let plain = plain(member) {
                    open[open.count - 1].append(plain)
                }
            }
            return []
        }

        private static let numbers: Set<Substring> = ["_Bool", "char", "int", "long", "short", "signed", "unsigned"]

        /// The member with a type that needs no other declaration; `nil` if there is none.
        private func plain(_ member: Member) -> Member? {
            var member = member
            if member.type.hasSuffix("*") {
                let isStruct = member.type.hasPrefix("struct ") && member.type.count { $0 == "*" } == 1
                if !isStruct { member.type = number(String(member.type.dropLast())).map { "\($0) *" } ?? "void *" }
                return member
            }
            guard let type = number(member.type) else { return nil }
            member.type = type
            return member
        }

        /// What a name of a number's type stands for.
        private func number(_ type: String) -> String? {
            var type = type
            for _ in 0..<16 {
                while type.hasSuffix(" ") { type.removeLast() }
                if type == "bool" { return "_Bool" }
                let words = type.split(separator: " ").filter { $0 != "const" && $0 != "volatile" }
                if !words.isEmpty, words.allSatisfy({ Self.numbers.contains($0) }) {
                    return words.joined(separator: " ")
                }
                guard let next = typedefs[type] else { return nil }
                type = next
            }
            return nil
        }
    }
}
