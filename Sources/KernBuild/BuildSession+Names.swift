import Glibc
import RunModel
import Synchronization
import SystemPackage

/// What a name that `vmlinux.h` lacks is: something that other kernels have, or a slip of whoever wrote the source.
extension BuildSession {
    /// What a tree declares a name as.
    enum NameOrigin: Equatable {
        /// As a type, a member or a constant: a kernel of this tree can have it, and its BTF as well.
        case declared
        /// As a macro only, which no BTF has.
        case macro
        /// Nowhere.
        case unknown
    }

    /// Tells a BTF that lacks something from a source that is wrong, where the compiler does not know a name.
    func distinguished(_ finding: Finding, _ report: CompilerReport) -> Finding {
        guard let line = report.firstError, let name = report.lackedName, let btf = plan.typesOrigin else {
            return finding
        }
        switch origin(ofName: name) {
        case .declared: return finding
        case .macro:
            let text = "'\(name)' is a macro of the tree's headers, which no BTF has: the source must define it"
            return Finding(.tree, finding.diagnostics, cause: "\(line): \(text)", isSaid: true)
        case .unknown:
            if let meant = report.suggestion {
                let text = "neither the types of '\(btf)' nor the tree know '\(name)'; is '\(meant)' meant?"
                return Finding(.tree, finding.diagnostics, cause: "\(line): \(text)", isSaid: true)
            }
            let text =
                "neither the types of '\(btf)' nor the tree's headers know '\(name)': it is misspelled, or of another kernel; "
                + "if a kernel has it, name its BTF with --btf"
            return Finding(.btf, finding.diagnostics, cause: "\(line): \(text)", isSaid: true)
        }
    }

    /// Looks a name up in the tree's files; a tree's own macros make types of names with these beginnings.
    func origin(ofName name: String) -> NameOrigin {
        if let known = origins.withLock({ $0[name] }) { return known }
        let made = ["trace_event_raw_", "trace_event_data_offsets_", "btf_trace_", "bpf_iter__"]
        let bare = made.first { name.hasPrefix($0) }.map { String(name.dropFirst($0.count)) } ?? name
        let word = Array(bare.utf8)
        var found = NameOrigin.unknown
        let arch = "arch/\(plan.settings.architecture.folder)/include"
        for folder in ["include", arch, "kernel", "net", "fs", "mm", "block", "security"] where found != .declared {
            look(for: word, in: plan.tree.path.pushing(FilePath(folder)), &found)
        }
        let answer = found
        origins.withLock { $0[name] = answer }
        return answer
    }

    private func look(for word: [UInt8], in folder: FilePath, _ found: inout NameOrigin) {
        // What leads elsewhere is none of the tree's.
        if Files.isLink(folder) { return }
        for name in Files.names(in: folder) where found != .declared {
            let path = folder.appending(name)
            // BTF has what only one file of C declares, too.
            if name.hasSuffix(".h") || name.hasSuffix(".c") {
                guard case .success(let bytes) = Files.read(path, limit: 1 << 24) else { continue }
                Self.look(for: word, in: bytes, &found)
            } else if !name.contains("."), !Files.isLink(path), Files.kind(of: path) == .success(.folder) {
                look(for: word, in: path, &found)
            }
        }
    }

    /// Looks for a word in a text, and for what it is there.
    static func look(for word: [UInt8], in bytes: [UInt8], _ found: inout NameOrigin) {
        func isWord(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "_") || 0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte
        }
        bytes.withUnsafeBytes { text in
            guard let base = text.baseAddress, !word.isEmpty else { return }
            var index = 0
            while index + word.count <= text.count,
                let hit = memchr(base + index, Int32(word[0]), text.count - word.count + 1 - index)
            {
                let start = UnsafeRawPointer(hit) - base
                let end = start + word.count
                index = start + 1
                guard memcmp(hit, word, word.count) == 0 else { continue }
                if start > 0, isWord(text[start - 1]) { continue }
                if end < text.count, isWord(text[end]) { continue }
                let line = text[..<start].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
                let before = String(decoding: text[line..<start].filter { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self)
                if before == "#define" || before == "#undef" || before == "#ifndef" || before == "#ifdef" {
                    found = .macro
                } else if !before.hasPrefix("*"), !before.hasPrefix("/*"), !before.contains("//"),
                    !before.hasPrefix("#")
                {
                    found = .declared
                    return
                }
            }
        }
    }
}
