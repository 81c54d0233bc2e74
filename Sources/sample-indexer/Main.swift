import Foundation

/// Lists the samples of one family: `sample-indexer MODULE FAMILY-FOLDER OUTPUT FILE...`.
///
/// Each folder directly under the family's folder is a sample. `xdp_rxq_info` must hold `XdpRxqInfo.swift`, which declares
/// `struct XdpRxqInfo: Sample`; that the type exists is for the compiler to say.
@main
enum SampleIndexer {
    static func main() throws {
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
        try text.write(toFile: arguments[2], atomically: true, encoding: .utf8)
    }

    private static func complain(_ text: String, _ status: Int32) -> Never {
        FileHandle.standardError.write(Data((text + "\n").utf8))
        exit(status)
    }
}
