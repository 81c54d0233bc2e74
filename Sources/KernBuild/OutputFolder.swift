import SystemPackage

/// The folder that a build writes to, with a scratch folder in it for the time of one build.
///
/// Whatever is unfinished lives in the scratch folder: same file system, so a finished object is moved into place in one
/// step, and one removal takes all leftovers, clang's own temporary files among them.
struct OutputFolder: Sendable {
    let path: FilePath
    /// For what a build leaves besides the objects.
    let work: FilePath
    private let scratch: FilePath
    /// Held while the build lives: whoever can lock the file knows that it does not.
    private let lock: FileDescriptor?
    private static let prefix = "unfinished-"

    /// Makes the folder and writes the plan's headers and links into it.
    ///
    /// - Throws: ``BuildError``.
    init(preparing plan: BuildPlan) throws(BuildError) {
        path = plan.output
        work = plan.workFolder
        // The plan compared names; a link may still lead into the tree.
        if Files.resolved(path).starts(with: Files.resolved(plan.tree.path)) { throw .outputInTree(path.string) }
        try Self.check(work, Files.makeFolder(work))
        try Self.place(plan)
        Self.sweep(work)
        switch Files.makeUniqueFolder(work.appending(Self.prefix)) {
        case .success(let folder): scratch = folder
        case .failure(let cause): throw .cannotWrite(work.string, cause)
        }
        lock = Files.lock(scratch.appending(Self.lockName))
    }

    /// Writes a plan's headers and links.
    ///
    /// - Throws: ``BuildError``.
    static func place(_ plan: BuildPlan) throws(BuildError) {
        let files = plan.headers.map(\.path) + plan.generated.map(\.path) + plan.links.map(\.path)
        for folder in Set(files.map { $0.removingLastComponent() }) {
            try Self.check(folder, Files.makeFolder(folder))
        }
        for header in plan.headers { try Self.check(header.path, Files.write(header.content, to: header.path)) }
        for link in plan.links {
            guard Files.kind(of: link.destination) == .success(.folder) else {
                throw .noHeaders(link.destination.string, isLibbpf: link.path.lastComponent?.string == "bpf")
            }
            try Self.check(link.path, Files.link(link.path, to: link.destination.string))
        }
    }

    static func check(_ path: FilePath, _ result: Result<Void, Errno>) throws(BuildError) {
        if case .failure(let cause) = result { throw .cannotWrite(path.string, cause) }
    }

    /// Where a command's file goes while it is being made.
    func unfinished(_ name: String) -> FilePath { scratch.appending(name) }

    /// Moves a finished object into place.
    func accept(_ unfinished: FilePath, as object: FilePath) -> Result<Void, Errno> {
        Files.synchronize(unfinished).flatMap { Files.rename(unfinished, to: object) }.flatMap {
            // `clean(_:)` removes what has a mark, and nothing that a user has put there.
            guard let name = object.lastComponent?.string else { return .success(()) }
            let mark = work.appending("made").appending(name)
            if Files.kind(of: mark) == .success(.file) { return .success(()) }
            return Files.makeFolder(mark.removingLastComponent()).flatMap { Files.write([], to: mark) }
        }
    }

    /// Removes an object of an earlier build, which must not pass for this one's.
    func discard(_ object: FilePath) -> Result<Void, Errno> { Files.removeFile(object) }

    /// Removes what is unfinished.
    func removeScratch() {
        Files.removeFolder(scratch)
        try? lock?.close()
    }

    private static let lockName = "lock"

    /// Removes what builds that were killed have left: those whose lock is free.
    ///
    /// A folder without a lock is of a build that is about to make it, or of one on a file system without locks; no build
    /// takes an hour.
    private static func sweep(_ work: FilePath) {
        for name in Files.names(in: work) where name.hasPrefix(prefix) {
            let folder = work.appending(name)
            let file = folder.appending(lockName)
            if Files.kind(of: file) == .success(.file) {
                guard let lock = Files.lock(file) else { continue }
                Files.removeFolder(folder)
                try? lock.close()
            } else if let age = Files.age(of: folder), age > 3600 {
                Files.removeFolder(folder)
            }
        }
    }

    /// Removes what builds have left in a folder: objects, headers and cache.
    ///
    /// Other files stay, and so does the folder if there are any.
    ///
    /// - Returns: The number of objects removed.
    /// - Throws: ``BuildError`` if something cannot be removed.
    static func clean(_ path: FilePath) throws(BuildError) -> Int {
        let work = path.appending(".bpf-assay")
        let made = Files.names(in: work.appending("made")).filter { $0.hasSuffix(".o") || $0 == BuildPlan.commandsFile }
        var count = 0
        for name in made where Files.kind(of: path.appending(name)) == .success(.file) {
            try check(path.appending(name), Files.removeFile(path.appending(name)))
            if name.hasSuffix(".o") { count += 1 }
        }
        try check(work, Files.removeTree(work))
        Files.removeEmptyFolder(path)
        return count
    }
}

extension BuildExecutor {
    /// Removes what builds have left in an output folder: objects, headers and the cache in it.
    ///
    /// What no build has put there stays.
    ///
    /// - Parameter output: The folder; one that is not there is no error.
    /// - Returns: The number of objects removed.
    /// - Throws: ``BuildError`` if something cannot be removed.
    public static func clean(_ output: String) throws(BuildError) -> Int {
        try OutputFolder.clean(Files.absolute(output))
    }
}
