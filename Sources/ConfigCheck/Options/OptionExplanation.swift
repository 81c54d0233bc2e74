import RunModel

/// Why a config has not got an option, and which lines would bring it.
struct OptionExplanation: Equatable {
    /// Why, one per line, the deepest cause last; empty where nothing is known beyond the config's own line.
    private(set) var reasons: [String] = []
    /// What to set, what others depend on first; empty if no line brings the option.
    private(set) var lines: [String] = []
    /// Whether the kernel's version or architecture has no such option.
    private(set) var isImpossible = false

    private let config: KernelConfig
    private let kernel: KernelVersion?
    /// Whether what the config does not mention is undecided.
    private let isFragment: Bool
    private var seen: Set<String> = []

    /// Explains an option that does not have the value that is wanted.
    ///
    /// - Parameters:
    ///   - option: The option.
    ///   - wanted: Its value that is asked for.
    ///   - config: The config that lacks it.
    ///   - kernel: The version, `nil` where none is known; then nothing is said that depends on one.
    ///   - isFragment: Whether what the config does not mention is undecided and explains nothing.
    init(
        of option: String,
        wanted: KernelConfig.Value,
        in config: KernelConfig,
        kernel: KernelVersion?,
        isFragment: Bool = false
    ) {
        self.config = config
        self.kernel = kernel
        self.isFragment = isFragment
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
        let reading = fact.reading(for: kernel)
        for parent in reading.parents where !holds(parent, for: fact, wanted: wanted) {
            explain(parent, of: fact, wanted: wanted)
            if isImpossible { return }
        }
        guard reading.isHidden else {
            let isModule = reading.parents.contains(.moduleOnly)
            lines.append((isModule ? KernelConfig.Value.module : wanted).line(for: option))
            return
        }
        reasons.append("\(option) has no prompt: \(Self.origin(of: fact, reading))")
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
        let arches = fact.reading(for: kernel).arches
        if let arch = config.header?.arch, scope(of: fact).isEmpty, !arches.isEmpty,
            !arches.contains(Self.folder(of: arch))
        {
            return "\(fact.name) is for the architectures \(arches.joined(separator: ", ")), "
                + "and this is \(printable(arch))"
        }
        return nil
    }

    private func holds(_ parent: OptionFact.Parent, for fact: OptionFact, wanted: KernelConfig.Value) -> Bool {
        switch parent {
        case .moduleOnly: return wanted == .module
        case .off(let name): return config[name]?.isEnabled != true
        case .atLeast(let name, let least):
            // A config that does not mention the number says nothing of it.
            guard case .number(let digits) = config[name], let number = Int(digits) else { return true }
            return number >= least
        case .oneOf(let names):
            return names.contains { name in
                if let kernel, let end = fact.ended[name], kernel >= end { return true }
                if isUnsaid(name) { return true }
                // A module above a tristate option keeps it from being built in.
                return config[name] == .builtIn
                    || (config[name] == .module && !(fact.reading(for: kernel).isTristate && wanted == .builtIn))
            }
        }
    }

    /// Whether a parent of the version that was read explains nothing here.
    ///
    /// This kernel may have no such option, and a fragment leaves out what nobody can set.
    private func isUnsaid(_ name: String) -> Bool {
        guard config[name] == nil else { return false }
        if isFragment { return true }
        guard let parent = OptionFact.named(name) else { return false }
        if let kernel, let since = parent.since, kernel < since { return true }
        if let kernel, let until = parent.until, kernel >= until { return true }
        let reading = parent.reading(for: kernel)
        return config.header == nil && reading.isHidden && parent.broughtBy.isEmpty && reading.parents.isEmpty
    }

    private mutating func explain(_ parent: OptionFact.Parent, of fact: OptionFact, wanted: KernelConfig.Value) {
        switch parent {
        case .moduleOnly: reasons.append("\(fact.name) can only be a module\(scope(of: fact))")
        case .atLeast(let name, let least):
            reasons.append(
                "\(fact.name) needs \(name) to be \(least) or more\(scope(of: fact)), and it is \(state(of: name)): "
                    + "the build finds it out, so install the tool or a newer one and configure again"
            )
        case .off(let name):
            reasons.append("\(fact.name) needs \(name) to be off\(scope(of: fact)), and it is \(state(of: name))")
            if seen.insert(name).inserted { lines.append(KernelConfig.Value.notSet.line(for: name)) }
        case .oneOf(let names):
            let subject = names.joined(separator: " or ")
            let states = names.count == 1 ? "which is \(names.map(state).joined())" : "and neither is on"
            reasons.append("\(fact.name) depends on \(subject)\(scope(of: fact)), \(states)")
            // One of several suffices: one that can be set, else one that this kernel can have.
            let possible = names.filter { OptionFact.named($0).flatMap(absence) == nil }
            let visible = possible.first { OptionFact.named($0)?.reading(for: kernel).isHidden == false }
            guard let chosen = visible ?? possible.first ?? names.first else { return }
            explain(chosen, wanted: .builtIn)
        }
    }

    private func state(of option: String) -> String {
        config[option].map { printable($0.text) } ?? "absent"
    }

    /// What is said of parents was read in one version, and another may differ.
    private func scope(of fact: OptionFact) -> String {
        let version = fact.reading(for: kernel).version
        let isRead = kernel.map { KernelVersion($0.major, $0.minor) == version } ?? false
        return isRead ? "" : " in Linux \(version)"
    }

    /// What brings an option without a prompt, in words.
    private static func origin(of fact: OptionFact, _ reading: OptionFact.Reading) -> String {
        if !reading.arches.isEmpty { return "an architecture that can have it selects it" }
        let selectors = reading.selectors
        if !selectors.isEmpty {
            let names = selectors.prefix(4).joined(separator: ", ") + (selectors.count > 4 ? " and others" : "")
            return "it is selected by \(names)"
        }
        if !fact.broughtBy.isEmpty { return "it comes with \(fact.broughtBy.joined(separator: ", "))" }
        return reading.parents.isEmpty ? "the kernel's build decides on it" : "it is on where what it depends on is"
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
