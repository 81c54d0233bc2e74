import RunModel

/// Why a config has not got an option, and which lines would bring it.
struct OptionExplanation: Equatable {
    /// Why, a line each, the deepest cause last; empty where nothing is known beyond the config's own line.
    private(set) var reasons: [String] = []
    /// What to set, what others depend on first; empty if no line brings the option.
    private(set) var lines: [String] = []
    /// Whether the kernel's version or architecture has no such option.
    private(set) var isImpossible = false

    private let config: KernelConfig
    private let kernel: KernelVersion?
    private var seen: Set<String> = []

    /// Explains an option that does not have the value that is wanted.
    ///
    /// - Parameters:
    ///   - option: The option.
    ///   - wanted: Its value that is asked for.
    ///   - config: The config that lacks it.
    ///   - kernel: The version, `nil` where none is known; then nothing is said that depends on one.
    init(of option: String, wanted: KernelConfig.Value, in config: KernelConfig, kernel: KernelVersion?) {
        self.config = config
        self.kernel = kernel
        if wanted.isEnabled {
            explain(option, wanted: wanted)
            if isImpossible { lines = [] }
        } else {
            lines = [wanted.line(for: option)]
        }
    }

    static func == (left: OptionExplanation, right: OptionExplanation) -> Bool {
        (left.reasons, left.lines, left.isImpossible) == (right.reasons, right.lines, right.isImpossible)
    }

    private mutating func explain(_ option: String, wanted: KernelConfig.Value) {
        guard seen.insert(option).inserted else { return }
        guard let fact = OptionFact.named(option) else {
            lines.append(wanted.line(for: option))
            return
        }
        // An option that the config mentions exists, whatever the table says: stable kernels take options from later ones.
        if config[option] == nil, let absence = absence(of: fact) {
            reasons.append(absence)
            isImpossible = true
            return
        }
        for parent in fact.parents where !holds(parent, for: fact, wanted: wanted) {
            explain(parent, of: fact, wanted: wanted)
            if isImpossible { return }
        }
        guard fact.isHidden else {
            let isModule = fact.parents.contains(.moduleOnly)
            lines.append((isModule ? KernelConfig.Value.module : wanted).line(for: option))
            return
        }
        reasons.append("\(option) has no prompt: \(Self.origin(of: fact))")
        for carrier in fact.broughtBy where config[carrier] != .builtIn { explain(carrier, wanted: .builtIn) }
    }

    /// Why a kernel of this version or architecture has no such option; `nil` if it has, or nobody knows.
    private func absence(of fact: OptionFact) -> String? {
        if let kernel, let until = fact.until, kernel >= until {
            // "or an earlier version": of some removals only the kernels before and after were read.
            guard !fact.renamedTo.isEmpty else {
                return "Linux \(until) or an earlier version removed \(fact.name), and this is \(kernel)"
            }
            let names = fact.renamedTo.joined(separator: " and ")
            return "Linux \(until) replaced \(fact.name) by \(names), and this is \(kernel); ask for that instead"
        }
        if let kernel, let since = fact.since, kernel < since {
            return "Linux \(since) introduced \(fact.name), and this is \(kernel)"
        }
        if let arch = config.header?.arch, let kernel, Self.isDerived(kernel), !fact.arches.isEmpty,
            !fact.arches.contains(Self.folder(of: arch))
        {
            return "\(fact.name) is for the architectures \(fact.arches.joined(separator: ", ")), "
                + "and this is \(printable(arch))"
        }
        return nil
    }

    private func holds(_ parent: OptionFact.Parent, for fact: OptionFact, wanted: KernelConfig.Value) -> Bool {
        switch parent {
        case .moduleOnly: return wanted == .module
        case .off(let name): return config[name]?.isEnabled != true
        case .oneOf(let names):
            return names.contains { name in
                if let kernel, let end = fact.ended[name], kernel >= end { return true }
                if isUnsaid(name) { return true }
                // A module above a tristate option keeps it from being built in.
                return config[name] == .builtIn
                    || (config[name] == .module && !(fact.isTristate && wanted == .builtIn))
            }
        }
    }

    /// Whether a parent of Linux 6.1 explains nothing here.
    ///
    /// This kernel may have no such option, and a fragment leaves out what nobody can set.
    private func isUnsaid(_ name: String) -> Bool {
        guard config[name] == nil, let parent = OptionFact.named(name) else { return false }
        if let kernel, let since = parent.since, kernel < since { return true }
        if let kernel, let until = parent.until, kernel >= until { return true }
        return config.header == nil && parent.isHidden && parent.broughtBy.isEmpty && parent.parents.isEmpty
    }

    private mutating func explain(_ parent: OptionFact.Parent, of fact: OptionFact, wanted: KernelConfig.Value) {
        switch parent {
        case .moduleOnly: reasons.append("\(fact.name) can only be a module\(scope)")
        case .off(let name):
            reasons.append("\(fact.name) needs \(name) to be off\(scope), and it is \(state(of: name))")
            if seen.insert(name).inserted { lines.append(KernelConfig.Value.notSet.line(for: name)) }
        case .oneOf(let names):
            let subject = names.joined(separator: " or ")
            let states = names.count == 1 ? "which is \(names.map(state).joined())" : "and neither is on"
            reasons.append("\(fact.name) depends on \(subject)\(scope), \(states)")
            // One of several suffices: one that can be set, else one that this kernel can have.
            let possible = names.filter { OptionFact.named($0).flatMap(absence) == nil }
            let visible = possible.first { OptionFact.named($0)?.isHidden == false }
            guard let chosen = visible ?? possible.first ?? names.first else { return }
            explain(chosen, wanted: .builtIn)
        }
    }

    private func state(of option: String) -> String {
        config[option].map { printable($0.text) } ?? "absent"
    }

    /// What is said of parents was read in one version, and another may differ.
    private var scope: String {
        if let kernel, Self.isDerived(kernel) { return "" }
        return " in Linux \(OptionFact.derivedFrom)"
    }

    private static func isDerived(_ kernel: KernelVersion) -> Bool {
        KernelVersion(kernel.major, kernel.minor) == OptionFact.derivedFrom
    }

    /// What brings an option without a prompt, in words.
    private static func origin(of fact: OptionFact) -> String {
        if !fact.arches.isEmpty { return "an architecture that can have it selects it" }
        if !fact.selectors.isEmpty {
            let names =
                fact.selectors.prefix(4).joined(separator: ", ") + (fact.selectors.count > 4 ? " and others" : "")
            return "it is selected by \(names)"
        }
        if !fact.broughtBy.isEmpty { return "it comes with \(fact.broughtBy.joined(separator: ", "))" }
        return fact.parents.isEmpty ? "the kernel's build decides on it" : "it is on where what it depends on is"
    }

    /// The folder under `arch/` of what Kconfig calls `$(ARCH)`.
    private static func folder(of arch: String) -> String {
        switch arch {
        case "x86_64", "i386": "x86"
        case "sparc32", "sparc64": "sparc"
        case "parisc64": "parisc"
        default: arch
        }
    }
}
