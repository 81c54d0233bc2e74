/// The packages that a program was built with: their names and versions by turns.
func versionList(_ words: ArraySlice<String>) -> String {
    let words = Array(words)
    let entries = stride(from: 0, to: words.count - 1, by: 2).map { place in
        "    (\"\(words[place])\", \"\(words[place + 1])\"),"
    }
    return """
        // Written by source-writer from what the package manager resolved. Edits are lost.

        /// The packages that this program was built with, by name, and their versions.
        let builtPackages: [(name: String, version: String)] = [
        \(entries.joined(separator: "\n"))
        ]

        """
}
