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

    /// What the file says of itself; `nil` for a fragment.
    public internal(set) var header: Header?
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

    /// The options that are set, as a `.config` has them: a line each, in the order of their names.
    public var settings: String {
        entries.filter { $0.value.value != .notSet }.sorted { $0.key < $1.key }
            .map { "\($0.value.value.line(for: $0.key))\n" }.joined()
    }

    /// How many different options the file mentions.
    public var count: Int { entries.count }

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
