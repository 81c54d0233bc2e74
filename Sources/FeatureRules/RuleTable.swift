package import RunModel

/// What each feature of BPF needs of a kernel, as `kconfig/features.tsv` says.
///
/// The file's head explains its columns. It is part of the program.
package struct RuleTable: Sendable {
    package enum Kind: String, CaseIterable {
        case section, program, map, link, helper, kfunc, feature, attach, effect, subsystem
        case oldSection = "old-section"
    }

    /// When the kernel got something.
    package enum Since: Sendable, Hashable {
        case always
        case unknown
        case version(KernelVersion)
        /// Not in this version yet; nobody has looked up which one was the first.
        case after(KernelVersion)
    }

    package struct Row: Sendable {
        package let kind: Kind
        package let name: String
        package let since: Since
        package let options: [OptionDemand]
        private let details: [String: String]

        /// A detail such as `type` in `type=XDP`; empty for a word without a value, `nil` for one that is not there.
        package subscript(_ detail: String) -> String? { details[detail] }

        /// `nil` unless the line is a rule.
        init?(_ line: Substring) {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard cells.count == 5, let kind = Kind(rawValue: cells[0]), !cells[1].isEmpty else { return nil }
            self.kind = kind
            name = cells[1]
            switch cells[2] {
            case "-": since = .always
            case "?": since = .unknown
            case let text where text.hasPrefix(">"):
                guard let version = KernelVersion(text.dropFirst()) else { return nil }
                since = .after(version)
            case let text:
                guard let version = KernelVersion(text) else { return nil }
                since = .version(version)
            }
            var options: [OptionDemand] = []
            for word in cells[3].split(separator: ",") where word != "-" {
                guard let option = OptionDemand(word) else { return nil }
                options.append(option)
            }
            self.options = options
            let words = cells[4].split(separator: " ").filter { $0 != "-" }.map { word in
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                return (parts[0], parts.count > 1 ? parts[1] : "")
            }
            details = Dictionary(words) { first, _ in first }
        }
    }

    package let rows: [Row]
    /// Lines that are neither a comment, the heading nor a row; a test demands that there are none.
    package let strayLines: [String]
    private let named: [String: Row]
    private let numbered: [String: Row]

    package static let builtIn = RuleTable(String(decoding: PackageResources.features_tsv, as: UTF8.self))

    package init(_ text: String) {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst()
        rows = lines.compactMap { Row($0) }
        strayLines = lines.filter { Row($0) == nil }.map(String.init)
        named = Dictionary(rows.map { ("\($0.kind.rawValue) \($0.name)", $0) }) { first, _ in first }
        let pairs = rows.compactMap { row in row["id"].map { ("\(row.kind.rawValue) \($0)", row) } }
        numbered = Dictionary(pairs) { first, _ in first }
    }

    package func row(_ kind: Kind, _ name: String) -> Row? { named["\(kind.rawValue) \(name)"] }

    package func row(_ kind: Kind, id: UInt32) -> Row? { numbered["\(kind.rawValue) \(id)"] }

    /// A kernel function, by its name or the longest prefix that the table has.
    package func kernelFunction(_ name: String) -> Row? {
        if let row = row(.kfunc, name) { return row }
        return rows.filter { $0.kind == .kfunc && $0.name.hasSuffix("*") && name.hasPrefix($0.name.dropLast()) }
            .max { $0.name.count < $1.name.count }
    }

    /// A section, by libbpf's rules; failing those by the longest prefix that the old loader of samples/bpf knew.
    package func section(_ name: String) -> Row? {
        let known = rows.first { row in
            guard row.kind == .section else { return false }
            guard row.name.hasSuffix("+") else { return row.name == name }
            let stem = row.name.dropLast()
            return name == stem || name.hasPrefix("\(stem)/")
        }
        return known
            ?? rows.filter { $0.kind == .oldSection && name.hasPrefix($0.name) }.max { $0.name.count < $1.name.count }
    }
}
