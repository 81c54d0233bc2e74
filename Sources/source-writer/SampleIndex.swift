/// The list of the samples of one family.
///
/// Each folder directly under the family's folder is a sample. `xdp_rxq_info` must hold `XdpRxqInfo.swift`, which declares
/// `struct XdpRxqInfo: Sample`; that the type exists is for the compiler to say.
func sampleIndex(of module: String, in folder: String, _ files: ArraySlice<String>) -> String {
    let folder = folder.hasSuffix("/") ? folder : folder + "/"
    var filesOf: [Substring: Set<Substring>] = [:]
    for file in files where file.hasPrefix(folder) {
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
    guard complaints.isEmpty else { SourceWriter.complain(complaints.joined(separator: "\n"), 1) }
    let list = module.prefix(1).lowercased() + module.dropFirst()
    return """
        // Written by source-writer from the folders of \(family). Edits are lost.

        public import SampleKit

        /// The samples of the family \(family), by folder.
        public let \(list): [CatalogEntry] = [
        \(entries.joined(separator: "\n"))
        ]

        """
}
