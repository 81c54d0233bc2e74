import RunModel
import Synchronization
import SystemPackage

/// Why an object is refused that a compiler has made without complaint, for a person.
struct Refusal: Error {
    /// What follows the source's name and a colon.
    let reason: String
    /// Whose it is: a proof that could not be made says nothing of the tree.
    var fault = BuildFault.tree
}

extension BuildSession {
    /// How many bytes a file may have that an object is made of; `vmlinux.h` has some 4 MB.
    static let largestInput: Int64 = 64 << 20

    /// The files that the compiler read for a command.
    ///
    /// - Throws: A ``Refusal`` where that is not known for certain: what an object was made of is part of what it is.
    func inputs(of command: CompileCommand, list: FilePath) throws(Refusal) -> [Input] {
        guard case .success(let bytes) = Files.read(list, limit: 1 << 24), let read = Depfile.prerequisites(bytes)
        else {
            throw Refusal(
                reason: "the compiler's list of the files that it read can be read in more than one way; are there "
                    + "backslashes, control characters or blanks at the end in a file's name?"
            )
        }
        var paths = read
        guard paths.contains(command.source.path) else {
            throw Refusal(reason: "the compiler's list of the files that it read does not have the source")
        }
        if let header = precompiled.withLock(\.self), paths.contains(header.string) {
            // What it was made of stands for it: it goes with the build.
            paths.removeAll { $0 == header.string }
            paths.append(plan.include.btf.appending("vmlinux.h").string)
        }
        var inputs: [Input] = []
        for name in Set(paths.map(names.name)).sorted() {
            // Before the file is read: of what lies outside, nothing is to be known.
            if let place = names.escape(name) {
                throw Refusal(
                    reason:
                        "it includes \(name), which is outside of the tree, in '\(place)': what it says is not the kernel's"
                )
            }
            if let size = FileStamp(names.path(name))?.size, size > Self.largestInput {
                throw Refusal(
                    reason:
                        "it includes \(name), which has \(size >> 20) MB; files of up to \(Self.largestInput >> 20) MB are read"
                )
            }
            guard let known = hashes.known(names.path(name)) else {
                throw Refusal(
                    reason: "it includes \(name), which is no regular file, or was changed or removed meanwhile"
                )
            }
            inputs.append((name, known.digest, known.stamp))
        }
        return inputs
    }

    /// What the texts of a command's inputs could do besides what the list of them shows.
    func scan(_ inputs: [Input]) throws(Refusal) -> SourceScan {
        var all = SourceScan()
        for input in inputs where !names.isTrusted(input.name) {
            let scan: SourceScan
            if let known = scans.withLock({ $0[input.digest] }) {
                scan = known
            } else {
                guard case .success(let bytes) = Files.read(names.path(input.name), limit: 1 << 28) else {
                    throw Refusal(reason: "it includes \(input.name), which was changed or removed meanwhile")
                }
                scan = SourceScan(bytes)
                scans.withLock { $0[input.digest] = scan }
            }
            if scan.renamesLines {
                throw Refusal(
                    reason:
                        "\(input.name) says by #line that its lines are those of another file, which the compiler would "
                        + "copy into the object; take the #line out"
                )
            }
            all.add(scan)
        }
        return all
    }

    /// Refuses a command whose assembler text may read files, of which no list tells.
    ///
    /// - Parameter module: What ``AssemblerText`` reads.
    /// - Throws: ``Refusal``.
    func prove(_ module: FilePath) throws(Refusal) {
        guard case .success(let bytes) = Files.read(module, limit: 1 << 28) else {
            throw Refusal(reason: "its assembler text cannot be read back from the compiler")
        }
        if let directive = AssemblerText.unprovenDirective(in: bytes) {
            throw Refusal(
                reason: "its assembler text has '\(directive)', which may read a file that no list names; "
                    + "only instructions and plain data directives are accepted"
            )
        }
    }

    /// Whether a file has appeared since that the compiler would now find before one of those that it read.
    ///
    /// Looked for in all folders that were searched before the one where a file was, and beside each file that was read. Objects
    /// of one tree read files of the same few folders, so that each file is looked for once for all of them.
    func isShadowed(_ inputs: [(name: String, digest: String)], of command: CompileCommand) -> Bool {
        !rivals(of: inputs.map(\.name), command).isEmpty
    }

    /// The inputs, and the files that were there already and could have been found before one of them: what is not new is
    /// told from what is by being among an object's inputs, though it was not read.
    func withRivals(_ inputs: [Input], of command: CompileCommand) -> [Input]? {
        var all = inputs
        // Each may be in a folder that none was in so far.
        for _ in 0..<8 {
            let rivals = rivals(of: all.map(\.name), command)
            if rivals.isEmpty { return all }
            for path in rivals.sorted() {
                guard let known = hashes.known(FilePath(path)) else { return nil }
                all.append((names.name(path), known.digest, known.stamp))
            }
        }
        return nil
    }

    private func rivals(of inputs: [String], _ command: CompileCommand) -> Set<String> {
        let folders = searched(command)
        // Ours and the compiler's include nothing by a name in quotes.
        let besides = Set(inputs.filter { !names.isTrusted($0) }.map { Self.folder(of: $0) }).sorted()
        let context = (folders + [""] + besides).joined(separator: "\0")
        return rivals.withLock { known in
            var found = known.removeValue(forKey: context) ?? [:]
            defer { known[context] = found }
            var others: [String] = []
            for input in inputs {
                if let before = found[input] {
                    others += before
                } else {
                    let new = rivals(of: input, searched: folders, beside: besides)
                    found[input] = new
                    others += new
                }
            }
            if others.isEmpty { return [] }
            return Set(others).subtracting(inputs.map(names.text))
        }
    }

    private static func folder(of name: String) -> String {
        name.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(name[..<$0]) } ?? ""
    }

    /// The files that are there and that a search could find before another one.
    private func rivals(of name: String, searched folders: [String], beside besides: [String]) -> [String] {
        let path = names.text(name)
        guard let index = folders.firstIndex(where: { path.hasPrefix($0 + "/") }) else { return [] }
        let rest = path.dropFirst(folders[index].count)
        let places = folders[..<index] + besides.map(names.text)
        return places.map { $0 + rest }.filter { $0 != path && Files.kind(ofPath: $0) == .success(.file) }
    }

    /// The folders that a command searches for headers, absolute.
    private func searched(_ command: CompileCommand) -> [String] {
        let options = command.options
        return folders.withLock { known in
            if let folders = known[options] { return folders }
            var found: [String] = []
            for (option, value) in zip(options, options.dropFirst())
            where ["-I", "-isystem", "-idirafter"].contains(option) {
                found.append((value.hasPrefix("/") ? FilePath(value) : plan.tree.path.pushing(FilePath(value))).string)
            }
            known[options] = found
            return found
        }
    }
}
