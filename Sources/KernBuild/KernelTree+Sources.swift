import RunModel
import SystemPackage

/// The kern halves that a tree holds, and what is linked of them.
public struct KernSources: Sendable, Hashable {
    /// Every kern source, by file name.
    public let sources: [KernSource]
    /// What upstream's build links of several objects.
    public let linked: [LinkedObject]
    /// What is amiss with the tree's own lists, one per line.
    public let complaints: [String]
}

/// An object that is linked of others, such as `xdp_redirect.lbpf.o`.
public struct LinkedObject: Sendable, Hashable {
    /// The sample it belongs to.
    public let sample: String
    /// Its file name.
    public let objectName: String
    /// The file names of the objects it is linked of.
    public let parts: [String]

    /// Names a linked object; nothing is looked up.
    public init(sample: String, objectName: String, parts: [String]) {
        self.sample = sample
        self.objectName = objectName
        self.parts = parts
    }
}

extension KernelTree {
    /// Files with other names than upstream's patterns that only a script of the samples compiles.
    ///
    /// The script makes up the macros; these stand for what it finds out when it runs.
    private static let scripted = [
        "test_lwt_bpf.c": ["SRC_MAC=0x020000000001", "DST_MAC=0x020000000002", "DST_IFINDEX=1"]
    ]

    /// Finds every kern source of this tree by its own files.
    ///
    /// What counts is what is there: `*_kern.c`, `*.bpf.c`, what the samples' Makefile lists as an object, and the few that
    /// only a script compiles. A Makefile that names what is not there is complained of and otherwise not believed.
    ///
    /// - Parameter sampleNames: The catalogue's name for a file in `samples/bpf`, where it has one.
    /// - Returns: No sources where the folder holds none or cannot be read.
    public func kernSources(sampleNames: [String: String] = [:]) -> KernSources {
        let folder = path.appending("samples/bpf")
        let files = Files.names(in: folder)
        let present = Set(files)
        var complaints: [String] = []
        var wanted = Set(files.filter { $0.hasSuffix("_kern.c") || $0.hasSuffix(".bpf.c") || Self.scripted[$0] != nil })
        var linked: [LinkedObject] = []
        switch Files.read(folder.appending("Makefile"), limit: 1 << 20) {
        case .failure(let cause):
            complaints.append(
                "cannot read '\(folder.appending("Makefile"))': \(cause.lowercased); only files named for kern halves are built"
            )
        case .success(let bytes):
            let makefile = SamplesMakefile(Files.text(bytes))
            for object in makefile.objects {
                let source = String(object.dropLast(2)) + ".c"
                if present.contains(source) {
                    wanted.insert(source)
                } else {
                    complaints.append("samples/bpf/Makefile lists \(object), and there is no samples/bpf/\(source)")
                }
            }
            for (name, parts) in makefile.linked {
                let sources = parts.map { String($0.dropLast(2)) + ".c" }
                if let absent = sources.first(where: { !present.contains($0) }) {
                    complaints.append("samples/bpf/Makefile links \(name) of \(absent), which is not there")
                } else {
                    wanted.formUnion(sources)
                    let owner = sampleNames["\(name).bpf.c"] ?? name
                    linked.append(LinkedObject(sample: owner, objectName: "\(name).lbpf.o", parts: parts))
                }
            }
        }
        var sources: [KernSource] = []
        for file in wanted.sorted() {
            // One such name is no reason to build nothing; U+FFFD stands for bytes that are no UTF-8.
            guard KernSource(sample: "", path: "samples/bpf/\(file)").isWellFormed, !file.contains("\u{FFFD}") else {
                let name = String(
                    file.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) }
                )
                complaints.append(
                    "samples/bpf/\(name) is not built: no list of files could carry its name, which has a backslash, a "
                        + "control character or bytes that are no UTF-8; rename it"
                )
                continue
            }
            sources.append(source(file, sample: sampleNames[file] ?? KernSource.stem(of: file)))
        }
        return KernSources(sources: sources, linked: linked, complaints: complaints)
    }

    /// The source that a sample's file is in this tree: itself, what it was renamed to or from, or where
    /// else it stands.
    ///
    /// - Returns: The source as named where the tree has none of its files.
    public func located(_ source: KernSource, history: SampleHistory = .builtIn) -> KernSource {
        if contains(source) { return self.source(source.fileName, sample: source.sample, at: source.path) }
        let folder = source.path.dropLast(source.fileName.count)
        for entry in source.isOfSamples ? history.relatives(of: source.fileName) : [] {
            let candidate = KernSource(sample: source.sample, path: folder + entry.file)
            if contains(candidate) { return self.source(entry.file, sample: source.sample, at: candidate.path) }
        }
        for path in source.otherPaths {
            let candidate = KernSource(sample: source.sample, path: path)
            if contains(candidate) { return self.source(candidate.fileName, sample: source.sample, at: path) }
        }
        return source
    }

    /// Whether a line of a source includes `vmlinux.h`, however it is written.
    private static func includesTypes(_ text: String) -> Bool {
        // The whole text first: few sources have the word at all.
        guard text.contains("vmlinux.h") else { return false }
        return text.split(separator: "\n").contains { line in
            let bare = line.filter { $0 != " " && $0 != "\t" }
            return ["\"vmlinux.h\"", "<vmlinux.h>", "\"./vmlinux.h\""].contains { bare.hasPrefix("#include" + $0) }
        }
    }

    /// A source with what its text says of where its types come from.
    ///
    /// The name alone does not tell: `test_lwt_bpf.c` takes them from `vmlinux.h` since 6.4.
    private func source(_ file: String, sample: String, at place: String? = nil) -> KernSource {
        let place = place ?? "samples/bpf/\(file)"
        let text = (try? Files.read(path.appending(place), limit: 1 << 20).get()) ?? []
        let usesBTF = file.hasSuffix(".bpf.c") || Self.includesTypes(Files.text(text))
        return KernSource(
            sample: sample,
            path: place,
            types: usesBTF ? .btf : .headers,
            definitions: Self.scripted[file] ?? []
        )
    }
}
