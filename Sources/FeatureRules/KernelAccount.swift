public import RunModel

/// What is known of a kernel: its version and its options.
public struct KernelAccount {
    /// The version; `nil` where nothing names one.
    public let version: KernelVersion?
    /// Whether a distribution keeps an old version and adds newer features, as RHEL's `.el8` kernels do.
    public let hasBackports: Bool
    private let introduced: (String) -> KernelVersion?
    private let option: (String) -> OptionState
    private let securityModule: (String) -> SecurityModule

    /// Whether a security module is active, and what that rests on; `isActive` is `nil` where nothing says.
    public struct SecurityModule: Sendable {
        let isActive: Bool?
        let evidence: String

        /// Creates a statement.
        public init(isActive: Bool?, evidence: String) {
            self.isActive = isActive
            self.evidence = evidence
        }
    }

    /// How a kernel has an option.
    public enum OptionState: Sendable, Hashable {
        /// Compiled in.
        case builtIn
        /// Loadable.
        case module
        /// Off, or not mentioned: a dependency is off, or the kernel has no such option.
        case off
        /// A string or a number.
        case text(String)
        /// No trustworthy source says.
        case unknown
    }

    /// Creates an account.
    ///
    /// - Parameters:
    ///   - version: The kernel's version.
    ///   - hasBackports: Whether an older version may have newer features.
    ///   - introduced: Says with which version an option came, `nil` where nobody knows.
    ///   - securityModule: Says whether a security module is active, where a running kernel can be asked.
    ///   - option: Says how the kernel has an option, which bears its `CONFIG_` prefix.
    public init(
        version: KernelVersion?,
        hasBackports: Bool = false,
        introduced: @escaping (String) -> KernelVersion? = { _ in nil },
        securityModule: @escaping (String) -> SecurityModule = { _ in SecurityModule(isActive: nil, evidence: "") },
        option: @escaping (String) -> OptionState
    ) {
        self.version = version
        self.hasBackports = hasBackports
        self.introduced = introduced
        self.securityModule = securityModule
        self.option = option
    }

    /// How the kernel has an option, by its name with the `CONFIG_` prefix.
    package func state(of name: String) -> OptionState { option(name) }

    /// The option of a demand that this version knows: the usual one, unless it came later under that name.
    ///
    /// Before Linux 4.11 `CONFIG_KPROBE_EVENTS` was `CONFIG_KPROBE_EVENT`.
    package func name(for demand: OptionDemand) -> String? {
        demand.anyOf.first { isKnown($0) } ?? demand.anyOf.first
    }

    private func isKnown(_ name: String) -> Bool {
        guard let version, let came = introduced(name) else { return true }
        return came <= version
    }

    /// Judges options that must all be on, with the reason for the worst of them.
    package func judge(all options: [OptionDemand]) -> (verdict: CheckVerdict, reason: String) {
        let judged = options.map { judge($0) }
        guard let worst = judged.max(by: { Self.rank($0.verdict) < Self.rank($1.verdict) }) else {
            return (.met, "no option guards it")
        }
        return worst.verdict == .notApplicable ? (.met, worst.reason) : worst
    }

    static func rank(_ verdict: CheckVerdict) -> Int {
        switch verdict {
        case .notApplicable: 0
        case .met: 1
        case .metModule: 2
        case .unknown: 3
        case .denied, .conflict, .unmet: 4
        }
    }

    /// Judges the version that has a feature first.
    package func judge(_ needed: KernelVersion) -> (verdict: CheckVerdict, reason: String) {
        guard let version else { return (.unknown, "the kernel's version is not known") }
        if version >= needed { return (.met, "this is Linux \(version)") }
        return hasBackports
            ? (.unknown, "this is Linux \(version), to which its distribution adds newer features")
            : (.unmet, "this is Linux \(version)")
    }

    /// Whether an option is on that came no earlier than a feature which needs it: then a distribution has brought both.
    func bears(out since: KernelVersion, by demands: [OptionDemand]) -> Bool {
        demands.flatMap(\.anyOf).contains { name in
            guard let came = introduced(name), came >= since else { return false }
            return option(name) == .builtIn || option(name) == .module
        }
    }

    /// Judges one option.
    package func judge(_ demand: OptionDemand) -> (verdict: CheckVerdict, reason: String) {
        if demand.hasRange {
            // An option that is on answers for itself, whatever the version.
            guard let version else {
                let isOn = demand.anyOf.contains { option($0) == .builtIn }
                return isOn ? (.met, "it is on") : (.unknown, "the kernel's version is not known")
            }
            if !demand.isAsked(of: version) { return (.notApplicable, "asked of \(demand); this is Linux \(version)") }
        }
        let states = demand.anyOf.map { ($0, option($0)) }
        if let word = demand.word { return judge(word, states) }
        if let found = states.first(where: { $0.1 == .builtIn }) { return (.met, "\(found.0) is on") }
        if let found = states.first(where: { $0.1 == .module }) { return (.metModule, "\(found.0) is a module") }
        if states.contains(where: { $0.1 == .unknown }) {
            return (.unknown, "no trustworthy config says how \(name(for: demand) ?? "it") is set")
        }
        for case (let name, .text(let value)) in states { return (.met, "\(name) is \(value)") }
        // What came after this version is not off but unheard of.
        let known = states.map(\.0).filter { isKnown($0) }
        let names = (known.isEmpty ? states.map(\.0) : known)
        return (.unmet, "\(names.joined(separator: " and ")) \(names.count == 1 ? "is" : "are") off")
    }

    /// A list of words, which the command line can override either way.
    private func judge(_ word: String, _ states: [(String, OptionState)]) -> (CheckVerdict, String) {
        let boot = securityModule(word)
        // What the boot came to says more than the default that the config holds.
        if states.first?.0 == "CONFIG_LSM", let isActive = boot.isActive {
            return (isActive ? .met : .unmet, boot.evidence)
        }
        guard let (name, state) = states.first, case .text(let value) = state else {
            return (.unknown, "no trustworthy config gives \(states.first?.0 ?? "it") a value")
        }
        let words = value.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }.map(String.init)
        return words.contains(word)
            ? (.met, "\(name) lists \(word), unless the kernel's command line says otherwise")
            : (.unknown, "\(name) does not list \(word); only the kernel's command line can still add it")
    }
}
