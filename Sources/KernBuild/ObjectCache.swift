import SystemPackage

/// Objects of earlier builds, found by what they were made of.
///
/// A question is a digest of what is known before the compiler runs: the compiler's identity and the command. Its answers
/// each list all files that the compiler then read, with the digests of their contents; one whose list holds today is the
/// answer. So nothing but the files' contents counts, and an edit that is undone finds the old object again.
///
/// Every file is written under another name and moved into place, so builds may share a cache; the worst that one can
/// do to another is to make it compile again.
struct ObjectCache: Sendable {
    /// What a compiler made, and of what.
    struct Answer: Sendable, Hashable {
        /// The digest of the object's content.
        var object: String
        /// What the compiler said.
        var diagnostics: [String]
        /// What was read: names that ``InputNames`` makes, and digests.
        var inputs: [(name: String, digest: String)]

        static func == (left: Self, right: Self) -> Bool { left.fields == right.fields }
        func hash(into hasher: inout Hasher) { hasher.combine(fields) }

        /// The answer as fields of a file.
        var fields: [String] {
            [object, "\(diagnostics.count)", "\(inputs.count)"] + diagnostics
                + inputs.flatMap { [$0.name, $0.digest] }
        }

        init(object: String, diagnostics: [String], inputs: [(name: String, digest: String)]) {
            self.object = object
            self.diagnostics = diagnostics
            self.inputs = inputs
        }

        /// Takes an answer off the front of some fields; `nil` where they are of another form.
        init?(_ fields: inout ArraySlice<String>) {
            guard fields.count >= 3, let said = Int(fields[fields.startIndex + 1]),
                let read = Int(fields[fields.startIndex + 2]), said >= 0, read >= 0,
                said < 1 << 20, read < 1 << 20, fields.count >= 3 + said + 2 * read
            else { return nil }
            object = fields[fields.startIndex]
            fields = fields.dropFirst(3)
            diagnostics = Array(fields.prefix(said))
            fields = fields.dropFirst(said)
            inputs = (0..<read).map { index in
                (fields[fields.startIndex + 2 * index], fields[fields.startIndex + 2 * index + 1])
            }
            fields = fields.dropFirst(2 * read)
        }
    }

    let folder: FilePath
    /// How many answers to one question are kept: a bisection goes back and forth between a few trees.
    private static let answersKept = 8

    private func path(_ kind: String, _ digest: String) -> FilePath {
        folder.appending(kind).appending(String(digest.prefix(2))).appending(String(digest.dropFirst(2)))
    }

    /// Where the object of a given digest is, if it is there.
    func object(_ digest: String) -> FilePath { path("objects", digest) }

    /// All answers to a question, the newest first; none where the file is damaged.
    func answers(to question: String) -> [Answer] {
        guard case .success(let bytes) = Files.read(path("answers", question), limit: 1 << 24),
            let all = SealedFields.open(bytes)
        else { return [] }
        var fields = all[...]
        var answers: [Answer] = []
        while !fields.isEmpty, let answer = Answer(&fields) { answers.append(answer) }
        return answers
    }

    /// Keeps an object and what it was made of.
    ///
    /// A failure, such as a full disk, leaves the cache as it was: the build itself has its object already.
    func store(_ answer: Answer, to question: String, object bytes: [UInt8]) {
        let place = object(answer.object)
        if FileStamp(place)?.size != Int64(bytes.count) {
            guard case .success = Files.makeFolder(place.removingLastComponent()),
                case .success = Files.write(bytes, to: place)
            else { return }
        }
        let file = path("answers", question)
        let kept = [answer] + answers(to: question).filter { $0 != answer }.prefix(Self.answersKept - 1)
        guard case .success = Files.makeFolder(file.removingLastComponent()) else { return }
        _ = Files.write(SealedFields.seal(kept.flatMap(\.fields)), to: file)
    }

    /// Removes the oldest files until all together have at most a number of bytes.
    func trim(to limit: Int) {
        var files: [(path: FilePath, stamp: FileStamp)] = []
        for kind in ["objects", "answers"] {
            for group in Files.names(in: folder.appending(kind)) {
                let place = folder.appending(kind).appending(group)
                for name in Files.names(in: place) {
                    if let stamp = FileStamp(place.appending(name)) { files.append((place.appending(name), stamp)) }
                }
            }
        }
        var total = files.reduce(0) { $0 + Int($1.stamp.size) }
        guard total > limit else { return }
        for file in files.sorted(by: { $0.stamp.changed < $1.stamp.changed }) where total > limit {
            if case .success = Files.removeFile(file.path) { total -= Int(file.stamp.size) }
        }
    }
}
