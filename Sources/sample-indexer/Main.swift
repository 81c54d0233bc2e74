import Glibc

/// Lists the samples of one family: `sample-indexer MODULE FAMILY-FOLDER OUTPUT FILE...`.
///
/// Each folder directly under the family's folder is a sample. `xdp_rxq_info` must hold `XdpRxqInfo.swift`, which declares
/// `struct XdpRxqInfo: Sample`; that the type exists is for the compiler to say.
@main
enum SampleIndexer {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 3 else { complain("usage: sample-indexer MODULE FAMILY-FOLDER OUTPUT FILE...", 64) }
        let folder = arguments[1].hasSuffix("/") ? arguments[1] : arguments[1] + "/"
        var filesOf: [Substring: Set<Substring>] = [:]
        for file in arguments.dropFirst(3) where file.hasPrefix(folder) {
            let parts = file.dropFirst(folder.count).split(separator: "/", maxSplits: 1)
            if parts.count == 2 { filesOf[parts[0], default: []].insert(parts[1]) }
        }
        let family = folder.split(separator: "/").last.map(String.init) ?? ""
        var entries: [String] = []
        var complaints: [String] = []
        for (name, files) in filesOf.sorted(by: { $0.key < $1.key }) {
            let type = name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
            if files.contains("\(type).swift") {
                entries.append("    CatalogEntry(family: \"\(family)\", name: \"\(name)\", type: \(type).self),")
            } else {
                complaints.append("\(folder)\(name): error: a sample's folder must hold '\(type).swift'")
            }
        }
        guard complaints.isEmpty else { complain(complaints.joined(separator: "\n"), 1) }
        let list = arguments[0].prefix(1).lowercased() + arguments[0].dropFirst()
        let text = """
            // Written by sample-indexer from the folders of \(family). Edits are lost.

            public import SampleKit

            /// The samples of the family \(family), by folder.
            public let \(list): [CatalogEntry] = [
            \(entries.joined(separator: "\n"))
            ]

            """
        write(text, to: arguments[2])
    }

    /// Writes the list under another name first, so that a build that is killed never compiles half of one.
    private static func write(_ text: String, to path: String) {
        let unfinished = "\(path).unfinished"
        guard let file = fopen(unfinished, "w") else { complain("opening '\(unfinished)': \(cause)", 74) }
        let isWritten = fputs(text, file) >= 0
        // A full disk may show only when the stream's buffer is flushed.
        guard fclose(file) == 0, isWritten else { complain("writing '\(unfinished)': \(cause)", 74) }
        guard rename(unfinished, path) == 0 else { complain("renaming '\(unfinished)' to '\(path)': \(cause)", 74) }
    }

    private static var cause: String { String(cString: strerror(errno)) }

    private static func complain(_ text: String, _ status: Int32) -> Never {
        let line = text + "\n"
        _ = line.withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
        exit(status)
    }
}
