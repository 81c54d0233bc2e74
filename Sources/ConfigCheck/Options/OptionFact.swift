import RunModel

/// What is known of one option: a row of `kconfig/options.tsv`, which `ci/derive-options` compares with a kernel tree.
struct OptionFact: Sendable, Equatable {
    /// Something that must hold for the option to be on, as Linux 6.1 has it for x86.
    enum Parent: Sendable, Equatable {
        /// One of these options must be on.
        case oneOf([String])
        /// This option must be off.
        case off(String)
        /// The option can only be a module.
        case moduleOnly
    }

    /// The name, with its `CONFIG_` prefix, as all names below.
    let name: String
    /// Whether the type is tristate, so that a parent that is a module makes it one too.
    let isTristate: Bool
    /// Whether it has no prompt, so that nobody can set it.
    let isHidden: Bool
    /// The first version that has it, `nil` where nobody has looked it up.
    let since: KernelVersion?
    /// The first version without it.
    let until: KernelVersion?
    /// What it was renamed to, or split into, in the version that ended it.
    let renamedTo: [String]
    /// What must hold.
    let parents: [Parent]
    /// From which version on a parent is none any more.
    let ended: [String: KernelVersion]
    /// What to set for an option without a prompt.
    let broughtBy: [String]
    /// What selects it in Linux 6.1.
    let selectors: [String]
    /// For an option that only architectures have: which do, by the names of their folders; otherwise empty.
    let arches: [String]

    /// The version that parents, selectors and architectures were derived from.
    static let derivedFrom = KernelVersion(6, 1)

    /// Looks an option up; `nil` for one that the table lacks, of which nothing may be said.
    static func named(_ option: String) -> OptionFact? { table[option] }

    /// What a version calls an option that had another name before; `nil` for one whose name holds, or that was split.
    static func newName(of option: String, in kernel: KernelVersion?) -> (name: String, since: KernelVersion)? {
        guard let kernel, let fact = table[option], let until = fact.until, kernel >= until,
            let name = fact.renamedTo.first, fact.renamedTo.count == 1
        else { return nil }
        return (name, until)
    }

    /// Every option of the table, by its name.
    static let table: [String: OptionFact] = {
        let lines = PackageResources.options_tsv.split(separator: UInt8(ascii: "\n"))
        let facts = lines.compactMap { OptionFact(row: String(decoding: $0, as: UTF8.self)) }
        return Dictionary(facts.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }()

    /// Reads a row; `nil` for a comment, the column's titles, and a row of another shape, which a test forbids.
    private init?(row: String) {
        guard !row.hasPrefix("#"), !row.hasPrefix("option\t") else { return nil }
        let cells = row.split(separator: "\t", omittingEmptySubsequences: false).map { $0 == "-" ? "" : String($0) }
        guard cells.count == 11 else { return nil }
        func names(_ cell: Int) -> [String] { cells[cell].split(separator: " ").map { "CONFIG_\($0)" } }
        name = "CONFIG_\(cells[0])"
        isTristate = cells[1] == "tristate"
        isHidden = cells[2] == "hidden"
        // '>6.18' says when it was not there yet and nothing more.
        since = KernelVersion(cells[3])
        until = KernelVersion(cells[4])
        renamedTo = names(5)
        parents = cells[6].split(separator: " ").map { term in
            if term == "m" { return .moduleOnly }
            if term.hasPrefix("!") { return .off("CONFIG_\(term.dropFirst())") }
            return .oneOf(term.split(separator: "|").map { "CONFIG_\($0)" })
        }
        let ends = cells[7].split(separator: " ").compactMap { end -> (String, KernelVersion)? in
            let parts = end.split(separator: ":")
            guard parts.count == 2, let version = KernelVersion(parts[1]) else { return nil }
            return ("CONFIG_\(parts[0])", version)
        }
        ended = Dictionary(ends, uniquingKeysWith: { first, _ in first })
        broughtBy = names(8)
        selectors = names(9)
        arches = cells[10].split(separator: " ").map { String($0) }
    }
}
