import CLinux

/// The functions of the running kernel by their names in `/proc/kallsyms`, as probes are attached to them.
///
/// Needs `CONFIG_KALLSYMS`, which kprobes bring along. Addresses are not read, so that `kernel.kptr_restrict` does not matter.
public struct KernelFunctions: Sendable {
    private let lines: [UInt8]

    /// Reads the names.
    ///
    /// - Throws: ``SystemCallError`` with `ENOENT` on a kernel without `/proc/kallsyms`.
    public init() throws(SystemCallError) {
        lines = try SmallFile.read("/proc/kallsyms", limit: 64 << 20)
    }

    /// Takes the names from a text in the form of `/proc/kallsyms`.
    public init(text: [UInt8]) {
        lines = text
    }

    /// The name under which a function is there.
    ///
    /// The name itself is taken where a function has it. Else it is the one name that the compiler made of it when it cut the
    /// function to its callers (`NAME.constprop.N`, `NAME.isra.N`, `NAME.part.N` and what is put together of these). Such a
    /// function may have lost arguments, which moves those behind: what reads arguments must be checked by what it reads.
    ///
    /// The kernel's own functions come before those of its modules.
    ///
    /// - Throws: ``KernelFunctionError`` where no function has the name, or several have.
    public func resolve(_ name: String) throws(KernelFunctionError) -> String {
        let found = symbols(beginningWith: name)
        for inModule in [false, true] {
            let here = found.filter { $0.isInModule == inModule }
            let exact = here.filter { $0.name == name }
            let cut = here.filter { Self.isCut($0.name, of: name) }
            let matches = exact.isEmpty ? cut : exact
            // A kprobe by name takes the first of several (Linux before 6.7) or none; neither is what was meant.
            if matches.count > 1 { throw KernelFunctionError(name, .ambiguous, candidates: matches.map(\.name)) }
            if let match = matches.first { return match.name }
        }
        throw KernelFunctionError(name, .missing, candidates: Array(Set(found.map(\.name)).sorted().prefix(8)))
    }

    /// The function that a system call enters the kernel by: the architecture's own name for it, such as `__x64_sys_write`.
    ///
    /// Such a wrapper has one argument, a pointer to the caller's registers; kernels before 4.17 have none of these and call the
    /// function itself, `sys_write`, which has the system call's own arguments.
    ///
    /// - Parameter name: The system call's name, such as `write`.
    /// - Returns: The function's name.
    /// - Throws: ``KernelFunctionError`` where the kernel has no such system call.
    public func resolve(systemCall name: String) throws(KernelFunctionError) -> String {
        let forms = ["\(Self.wrapperPrefix)\(name)", "__se_sys_\(name)", "sys_\(name)", "SyS_\(name)"]
        for form in forms {
            do { return try resolve(form) } catch  where error.problem == .missing { continue }
        }
        throw KernelFunctionError(forms[0], .missing, candidates: [])
    }

    /// The functions of the kernel itself whose names match a pattern in which `*` stands for any characters and `?` for one.
    ///
    /// The cold parts of functions (`NAME.cold`), which nobody calls, are left out.
    ///
    /// - Returns: Their names, sorted, each once.
    public func matching(_ pattern: String) -> [String] {
        let literal = String(pattern.prefix { $0 != "*" && $0 != "?" })
        let wanted = Array(pattern.utf8)
        let found = symbols(beginningWith: literal).filter { symbol in
            !symbol.isInModule && !symbol.name.hasSuffix(".cold")
                && Self.matches(Array(symbol.name.utf8)[...], wanted[...])
        }
        return Set(found.map(\.name)).sorted()
    }

    private struct Symbol {
        var name: String
        var isInModule: Bool
    }

    /// Every function whose name begins with a text.
    private func symbols(beginningWith prefix: String) -> [Symbol] {
        let wanted = [UInt8(ascii: " ")] + Array(prefix.utf8)
        return lines.withUnsafeBytes { lines in
            guard let base = lines.baseAddress else { return [] }
            var found: [Symbol] = []
            var at = 0
            while at < lines.count {
                let hit = lx_find(base + at, lines.count - at, wanted, wanted.count)
                guard hit >= 0 else { break }
                let space = at + hit
                let start = space + 1
                at = start
                // ADDRESS TYPE NAME, and [MODULE] behind a tab.
                guard space >= 2, lines[space - 2] == UInt8(ascii: " "),
                    [UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "w"), UInt8(ascii: "W")].contains(
                        lines[space - 1]
                    )
                else { continue }
                var end = start
                while end < lines.count, lines[end] != UInt8(ascii: "\n"), lines[end] != UInt8(ascii: "\t") { end += 1 }
                let isInModule = end < lines.count && lines[end] == UInt8(ascii: "\t")
                // Code that the kernel makes as it runs: programs ([bpf]), trampolines ([__builtin__ftrace]).
                let module = isInModule ? lines[(end + 1)...].prefix { $0 != UInt8(ascii: "\n") } : lines[0..<0]
                at = end
                if module.starts(with: Array("[bpf]".utf8)) || module.starts(with: Array("[__builtin__".utf8)) {
                    continue
                }
                found.append(Symbol(name: String(decoding: lines[start..<end], as: UTF8.self), isInModule: isInModule))
            }
            return found
        }
    }

    /// Whether a name is what the compiler calls a function that it cut to its callers.
    private static func isCut(_ symbol: String, of name: String) -> Bool {
        guard symbol.hasPrefix("\(name).") else { return false }
        let words = symbol.dropFirst(name.count + 1).split(separator: ".", omittingEmptySubsequences: false)
        guard words.count.isMultiple(of: 2), !words.isEmpty else { return false }
        return stride(from: 0, to: words.count, by: 2).allSatisfy { index in
            ["constprop", "isra", "part"].contains(words[index]) && UInt(words[index + 1]) != nil
        }
    }

    private static func matches(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == UInt8(ascii: "*") {
            return (name.startIndex...name.endIndex).contains { matches(name[$0...], pattern.dropFirst()) }
        }
        guard let letter = name.first, first == UInt8(ascii: "?") || first == letter else { return false }
        return matches(name.dropFirst(), pattern.dropFirst())
    }

    private static var wrapperPrefix: String {
        #if arch(x86_64)
            "__x64_sys_"
        #elseif arch(arm64)
            "__arm64_sys_"
        #else
            "__se_sys_"
        #endif
    }
}

/// A function that is not there to be probed, or not under one name.
public struct KernelFunctionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Problem: Sendable, Hashable {
        /// No function of the kernel or its modules has the name.
        case missing
        /// Several have.
        case ambiguous
    }

    /// The name that was looked for.
    public let name: String
    /// What is wrong.
    public let problem: Problem
    /// The functions that could be meant.
    public let candidates: [String]

    /// Creates an error.
    public init(_ name: String, _ problem: Problem, candidates: [String]) {
        self.name = name
        self.problem = problem
        self.candidates = candidates
    }

    /// What was looked for, what is wrong and what there is instead, in a line.
    public var description: String {
        let list = candidates.joined(separator: ", ")
        return switch problem {
        case .missing:
            "find the kernel's function '\(name)': this kernel has none of that name"
                + (candidates.isEmpty ? "" : "; it has \(list)")
        case .ambiguous: "find the kernel's function '\(name)': several could be meant: \(list)"
        }
    }
}
