/// `bpf_helper_defs.h`, made of the comments and the list in a tree's `include/uapi/linux/bpf.h`.
///
/// libbpf's `bpf_helpers.h` includes it; in a tree it exists only after libbpf was built there. Upstream makes it with
/// `scripts/bpf_doc.py` of the same comments.
struct HelperDefinitions {
    /// One helper: `static RESULT (*const bpf_NAME)(ARGUMENTS) = (void *) NUMBER`.
    struct Helper: Hashable {
        let name: String
        let result: String
        let arguments: String
        let number: Int
    }

    let helpers: [Helper]

    /// Reads the header's text; helpers without a comment or without a number are left out.
    init(uapi text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let numbers = Self.numbers(lines)
        var helpers: [Helper] = []
        var isInside = false
        // A helper that takes several kinds of context has a comment for each.
        var seen: Set<String> = []
        for line in lines {
            if line.contains("Start of BPF helper function descriptions") { isInside = true }
            if isInside, line.hasPrefix(" */") { break }
            guard isInside, let (result, name, arguments) = Self.prototype(line), let number = numbers[name],
                seen.insert(name).inserted
            else { continue }
            // The comment's types are the kernel's; these two take contexts of several types.
            let isOverloaded = ["get_socket_cookie", "sk_assign"].contains(name)
            helpers.append(
                Helper(
                    name: name,
                    result: Self.type(result),
                    arguments: arguments.enumerated().map { index, argument in
                        isOverloaded && index == 0 ? "void *ctx" : Self.argument(argument)
                    }.joined(separator: ", "),
                    number: number
                )
            )
        }
        self.helpers = helpers
    }

    /// The header's text.
    var header: String {
        let records = Set(helpers.flatMap { Self.records($0.arguments) + Self.records($0.result) })
        return """
            /* bpf-assay: generated from include/uapi/linux/bpf.h of the tree. */
            #pragma once
            \(records.sorted().map { "struct \($0);" }.joined(separator: "\n"))
            \(helpers.map { "static \($0.result)(*const bpf_\($0.name))(\($0.arguments)) = (void *) \($0.number);" }.joined(separator: "\n"))

            """
    }

    /// The numbers of the helpers in the list that all uses of it share.
    ///
    /// Since 6.1 each entry has its number; before, its place counted, from `FN(unspec)` at 0.
    private static func numbers(_ lines: [Substring]) -> [String: Int] {
        var numbers: [String: Int] = [:]
        var place = 0
        var isInside = false
        for line in lines {
            if line.hasPrefix("#define"), line.contains("BPF_FUNC_MAPPER(FN") { isInside = true }
            guard isInside else { continue }
            if let open = line.firstRange(of: "FN("), !line.hasPrefix("#define") {
                let words = line[open.upperBound...].prefix { $0 != ")" }.split(separator: ",")
                    .map { $0.filter { !$0.isWhitespace } }
                if let name = words.first {
                    numbers[name] = words.count > 1 ? Int(words[1]) ?? place : place
                    place += 1
                }
            }
            if !line.hasSuffix("\\"), place > 0 { break }
        }
        return numbers
    }

    /// A comment's line as a prototype: ` * long bpf_name(struct x *y, u32 z)`.
    private static func prototype(_ line: Substring) -> (result: Substring, name: String, arguments: [Substring])? {
        guard line.hasPrefix(" * "), line.hasSuffix(")"), let open = line.firstIndex(of: "("),
            !line.dropFirst(3).hasPrefix("\t"), !line.dropFirst(3).hasPrefix(" ")
        else { return nil }
        let head = line[line.index(line.startIndex, offsetBy: 3)..<open]
        // A result may have the same beginning: `struct bpf_sock *bpf_sk_fullsock`.
        let starts = head.ranges(of: "bpf_").filter { head[..<$0.lowerBound].last.map { " *".contains($0) } ?? false }
        guard let start = starts.last, head[start.upperBound...].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
        else { return nil }
        let list = line[line.index(after: open)...].dropLast().split(separator: ",").map { $0.drop { $0 == " " } }
        return (head[..<start.lowerBound], String(head[start.upperBound...]), list)
    }

    /// The kernel's names of types that have others in a program.
    private static let renamed = [
        "u8": "__u8", "u16": "__u16", "u32": "__u32", "u64": "__u64", "s8": "__s8", "s16": "__s16", "s32": "__s32",
        "s64": "__s64", "size_t": "unsigned long", "sk_buff": "__sk_buff", "sk_msg_buff": "sk_msg_md",
        "xdp_buff": "xdp_md", "sk_reuseport_kern": "sk_reuseport_md",
    ]

    private static func type(_ text: Substring) -> String {
        let words = text.split(separator: " ").map { word in
            renamed[String(word)] ?? String(word)
        }
        // A program's maps are anonymous structs: no `struct bpf_map` would fit them.
        return words.joined(separator: " ").replacing("struct bpf_map", with: "void")
            + (text.hasSuffix("*") ? "" : " ")
    }

    private static func argument(_ text: Substring) -> String {
        let stars = text.lastIndex(of: "*").map { text.index(after: $0) }
        let split = stars ?? text.lastIndex(of: " ") ?? text.endIndex
        if split == text.endIndex { return text.contains("*") ? type(text) : String(text) }
        return type(text[..<split]) + text[split...].drop { $0 == " " }
    }

    /// The names of structs in a text.
    private static func records(_ text: String) -> [String] {
        let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        return zip(words, words.dropFirst()).filter { $0.0 == "struct" }.map { String($0.1) }
    }
}
