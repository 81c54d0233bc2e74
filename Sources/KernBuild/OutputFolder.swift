import SystemPackage

/// The folder that a build writes to, with a scratch folder in it for the time of one build.
///
/// Whatever is unfinished lives in the scratch folder: same file system, so a finished object is moved into place in one
/// step, and one removal takes all leftovers, clang's own temporary files among them.
struct OutputFolder: Sendable {
    private let path: FilePath
    private let scratch: FilePath

    /// Makes the folder and writes the plan's headers and links into it.
    ///
    /// - Throws: ``BuildError``.
    init(preparing plan: BuildPlan) throws(BuildError) {
        path = plan.output
        func check(_ path: FilePath, _ result: Result<Void, Errno>) throws(BuildError) {
            if case .failure(let cause) = result { throw .cannotWrite(path.string, cause) }
        }
        // The plan compared names; a link may still lead into the tree.
        if Files.resolved(path).starts(with: Files.resolved(plan.tree.path)) { throw .outputInTree(path.string) }
        try check(path, Files.makeFolder(path))
        for folder in Set((plan.headers.map(\.path) + plan.links.map(\.path)).map { $0.removingLastComponent() }) {
            try check(folder, Files.makeFolder(folder))
        }
        for header in plan.headers { try check(header.path, Files.write(header.content, to: header.path)) }
        for link in plan.links {
            guard Files.kind(of: link.destination) == .success(.folder) else {
                throw .noHeaders(link.destination.string, isLibbpf: link.path.lastComponent?.string == "bpf")
            }
            try check(link.path, Files.link(link.path, to: link.destination.string))
        }
        switch Files.makeUniqueFolder(path.appending(".unfinished-")) {
        case .success(let folder): scratch = folder
        case .failure(let cause): throw .cannotWrite(path.string, cause)
        }
    }

    /// Where the object of a command goes while it is being made.
    func unfinished(_ index: Int) -> FilePath { scratch.appending("\(index).o") }

    /// Moves a finished object into place.
    func accept(_ unfinished: FilePath, as object: FilePath) -> Result<Void, Errno> {
        Files.synchronize(unfinished).flatMap { Files.rename(unfinished, to: object) }
    }

    /// Removes an object of an earlier build, which must not pass for this one's.
    func discard(_ object: FilePath) -> Result<Void, Errno> { Files.removeFile(object) }

    /// Removes what is unfinished.
    func removeScratch() { Files.removeFolder(scratch) }
}
