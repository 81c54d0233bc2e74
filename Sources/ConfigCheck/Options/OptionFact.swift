import RunModel

/// What is known of one option: a row of `kconfig/options.tsv`, which `ci/derive-options` compares with kernel trees.
struct OptionFact: Sendable, Equatable {
    /// Something that must hold for the option to be on, as one version has it for x86.
    enum Parent: Sendable, Equatable {
        /// One of these options must be on.
        case oneOf([String])
        /// This option must be off.
        case off(String)
        /// This option, a number that the build finds out such as a tool's version, must be that or more.
        case atLeast(String, Int)
        /// The option can only be a module.
        case moduleOnly
    }

    /// The name, with its `CONFIG_` prefix, as all names below.
    let name: String
    /// The first version that has it, `nil` where nobody has looked it up.
    let since: KernelVersion?
    /// The first version without it.
    let until: KernelVersion?
    /// What it was renamed to, or split into, in the version that ended it.
    let renamedTo: [String]
    /// From which version on a parent is none any more.
    let ended: [String: KernelVersion]
    /// What to set for an option without a prompt.
    let broughtBy: [String]
    /// What the trees say that have the option, the oldest first; empty where none of them has it.
    private let readings: [Reading]

    /// What one version's Kconfig files say of the option.
    struct Reading: Sendable, Equatable {
        /// The version, without its patch level.
        let version: KernelVersion
        /// Whether the type is tristate, so that a parent that is a module makes it one too.
        let isTristate: Bool
        /// Whether it has no prompt, so that nobody can set it.
        let isHidden: Bool
        /// What must hold.
        let parents: [Parent]
        /// What selects it: up to five names.
        let selectors: [String]
        /// For an option that only architectures have: which do, by the names of their folders; otherwise empty.
        let arches: [String]
        /// The module that `=m` builds, such as `cls_bpf`; the first of several.
        let module: String?
    }

    /// The versions that readings are of, the oldest first: those that `ci/derive-options` takes.
    static let readVersions = [KernelVersion(6, 1), KernelVersion(6, 12)]

    /// What is known of the option in a version: the nearest reading at or below it, else the first one.
    ///
    /// ``Reading/version`` says of which version it is. Of an option that no tree has nothing is known.
    func reading(for kernel: KernelVersion?) -> Reading {
        let below = kernel.flatMap { kernel in readings.last { $0.version <= kernel } }
        return below ?? readings.first
            ?? Reading(
                version: Self.readVersions[0],
                isTristate: false,
                isHidden: false,
                parents: [],
                selectors: [],
                arches: [],
                module: nil
            )
    }

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
        guard cells.count == 12 else { return nil }
        func names(_ cell: Int) -> [String] { cells[cell].split(separator: " ").map { "CONFIG_\($0)" } }
        name = "CONFIG_\(cells[0])"
        // '>6.18' says when it was not there yet and nothing more.
        since = KernelVersion(cells[3])
        until = KernelVersion(cells[4])
        renamedTo = names(5)
        let ends = cells[7].split(separator: " ").compactMap { end -> (String, KernelVersion)? in
            let parts = end.split(separator: ":")
            guard parts.count == 2, let version = KernelVersion(parts[1]) else { return nil }
            return ("CONFIG_\(parts[0])", version)
        }
        ended = Dictionary(ends, uniquingKeysWith: { first, _ in first })
        broughtBy = names(8)
        var readings: [Reading] = []
        for version in Self.readVersions {
            let values = [1, 2, 6, 9, 10, 11].compactMap { Self.value(of: cells[$0], in: version) }
            guard values.count == 6 else { return nil }
            guard !values[0].isEmpty else { continue }
            readings.append(
                Reading(
                    version: version,
                    isTristate: values[0] == "tristate",
                    isHidden: values[1] == "hidden",
                    parents: values[2].split(separator: " ").map { Self.parent($0) },
                    selectors: values[3].split(separator: " ").map { "CONFIG_\($0)" },
                    arches: values[4].split(separator: " ").map { String($0) },
                    module: values[5].isEmpty ? nil : values[5]
                )
            )
        }
        self.readings = readings
    }

    /// What a cell such as `A; 6.12: B` says of a version; `nil` where it names versions that nothing was read in.
    private static func value(of cell: String, in version: KernelVersion) -> String? {
        var value: Substring = ""
        for (position, part) in cell.split(separator: "; ", omittingEmptySubsequences: false).enumerated() {
            guard position > 0 else {
                value = part
                continue
            }
            let change = part.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
            guard change.count == 2, let from = KernelVersion(change[0]), readVersions.dropFirst().contains(from) else {
                return nil
            }
            if from <= version { value = change[1] }
        }
        return value == "-" ? "" : String(value)
    }

    private static func parent(_ term: Substring) -> Parent {
        if term == "m" { return .moduleOnly }
        if term.hasPrefix("!") { return .off("CONFIG_\(term.dropFirst())") }
        let sides = term.split(separator: ">=")
        if sides.count == 2, let least = Int(sides[1]) { return .atLeast("CONFIG_\(sides[0])", least) }
        return .oneOf(term.split(separator: "|").map { "CONFIG_\($0)" })
    }
}
