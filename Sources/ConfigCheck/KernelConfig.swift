public import RunModel

/// The options one kernel was built with.
///
/// A configuration is what `.config`, `/boot/config-*` and `/proc/config.gz` hold. It says what was asked for at build
/// time, which is not always what the running kernel can do; a probe says that. The format is what `conf_write` in the
/// kernel's `scripts/kconfig/confdata.c` writes.
public struct KernelConfig: Sendable, Equatable {
    /// How an option is set.
    ///
    /// An option that the file does not mention at all has no value.
    ///
    /// Kconfig writes `# CONFIG_X is not set` for an option that could be set, and leaves out an option whose
    /// dependencies are off. The two call for different remedies, so absence is `nil` and never ``notSet``.
    public enum Value: Sendable, Hashable {
        /// Compiled into the kernel image, `=y`.
        case builtIn
        /// Compiled as a loadable module, `=m`.
        case module
        /// Switched off by an explicit `=n`, which fragments use and Kconfig itself never writes.
        case no
        /// Left out although it could be set, `# CONFIG_X is not set`.
        case notSet
        /// A quoted string, its escapes resolved.
        case string(String)
        /// A decimal or hexadecimal number, as written.
        case number(String)
    }

    /// The comment near the top of a complete config: `# Linux/x86 6.18.44 Kernel Configuration`.
    ///
    /// It is the `mainmenu` of the tree's top `Kconfig` file.
    public struct Header: Sendable, Equatable {
        /// Kconfig's `$(ARCH)`, such as `x86` or `arm64`: not the same as `uname -m`.
        public let arch: String
        /// Kbuild's `$(KERNELVERSION)`, such as `6.18.44` or `6.19.0-rc3`.
        public let versionText: String

        /// The numbers of the version, `nil` if the text does not begin with two of them.
        public var version: KernelVersion? { KernelVersion(versionText) }
    }

    /// An option that was set again on a later line.
    public struct Duplicate: Sendable, Equatable {
        /// The option, with its `CONFIG_` prefix.
        public let option: String
        /// The line whose setting was overridden, from 1.
        public let earlierLine: Int
        /// The line that counts, from 1.
        public let line: Int
    }

    /// One option's setting and the line it stands on.
    struct Entry: Sendable, Equatable {
        let value: Value
        let line: Int
    }

    /// How many duplicates are kept, so that a hostile file cannot make the list as large as itself.
    static let duplicateLimit = 1000

    /// How many faults are kept.
    static let faultLimit = 100

    /// What the file says of itself; `nil` for a fragment.
    public internal(set) var header: Header?
    /// Whether the file says at its top that Kconfig wrote it.
    var isGenerated = false
    /// Lines that cannot be read, a conflict of a merge once; at most the first 100.
    public internal(set) var faults: [ConfigSyntaxError] = []
    /// How many there are.
    public internal(set) var faultCount = 0
    /// Options that a line names which cannot be read, by name.
    var doubts: [String: ConfigSyntaxError] = [:]
    /// Whether text is lost, so that an option that is not mentioned may have been.
    var isIncomplete = false
    /// Options that were set more than once, in the order of the later lines; at most the first 1000.
    public internal(set) var duplicates: [Duplicate] = []
    var entries: [String: Entry] = [:]

    /// Creates a config that mentions no option.
    init() {}

    /// How an option is set, or `nil` if the file does not mention it.
    ///
    /// - Parameter option: The name with its prefix, such as `CONFIG_BPF_SYSCALL`.
    public subscript(option: String) -> Value? {
        entries[option]?.value
    }

    /// The line, from 1, whose setting of an option counts; `nil` if the file does not mention it.
    public func line(of option: String) -> Int? {
        entries[option]?.line
    }

    /// The options that are set, as a `.config` has them: one per line, in the order of their names.
    public var settings: String {
        entries.filter { $0.value.value != .notSet }.sorted { $0.key < $1.key }
            .map { "\($0.value.value.line(for: $0.key))\n" }.joined()
    }

    /// How many different options the file mentions.
    public var count: Int { entries.count }

    /// Whether the text is a part of a config: a `defconfig` that `make savedefconfig` wrote, or a fragment for
    /// `merge_config.sh`.
    ///
    /// What it leaves out Kconfig decides. Kconfig heads a complete config with who wrote it, and a complete one without its
    /// head still has many options that nobody can set, such as `CONFIG_HAVE_KPROBES`.
    public var isFragment: Bool {
        guard !isGenerated else { return false }
        return count < 300 || entries.keys.count { $0.hasPrefix("CONFIG_HAVE_") } < 50
    }

    /// Why nobody knows how an option is set that has no value here; `nil` where it is absent.
    ///
    /// - Parameters:
    ///   - option: The name with its prefix.
    ///   - source: What to call the file.
    ///   - isWhole: Whether the config is known to be complete, whatever it looks like.
    /// - Returns: The reason, for the evidence of a finding.
    func reasonForDoubt(of option: String, in source: String, isWhole: Bool) -> String? {
        guard entries[option] == nil else { return nil }
        if let fault = doubts[option] { return "\(source):\(fault.line): \(fault.reason)" }
        if isIncomplete, let line = faults.first?.line {
            return "\(source) does not mention \(option), and text is lost in it: see line \(line)"
        }
        guard isFragment, !isWhole else { return nil }
        return "\(source) is a fragment and does not mention \(option): Kconfig decides on what a fragment leaves out"
    }

    /// The options that another config sets otherwise, sorted; what is off in one way is off in any.
    func optionsSetOtherwise(in other: KernelConfig) -> [String] {
        func isOff(_ value: Value?) -> Bool { value == nil || value == .no || value == .notSet }
        let differing = entries.keys.filter { option in
            let (mine, its) = (self[option], other[option])
            return mine != its && !(isOff(mine) && isOff(its))
        }
        let added = other.entries.keys.filter { entries[$0] == nil && !isOff(other[$0]) }
        return (differing + added).sorted()
    }
}

extension KernelConfig.Value {
    /// Whether the option is compiled in or loadable.
    ///
    /// A string or a number is neither.
    public var isEnabled: Bool {
        self == .builtIn || self == .module
    }

    /// The value as it stands after the `=`, or `not set`.
    public var text: String {
        switch self {
        case .builtIn: "y"
        case .module: "m"
        case .no: "n"
        case .notSet: "not set"
        case .number(let digits): digits
        case .string(let text): "\"\(Self.escaped(text))\""
        }
    }

    /// The line of a `.config` that gives an option this value.
    public func line(for option: String) -> String {
        self == .notSet ? "# \(option) is not set" : "\(option)=\(text)"
    }

    /// By scalars: a quotation mark followed by a combining accent is one character that is not a quotation mark.
    private static func escaped(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { escaped.append("\\") }
            escaped.append(scalar)
        }
        return String(escaped)
    }
}
