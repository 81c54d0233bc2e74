public import FeatureRules
public import RunModel

/// Something that an object needs of a kernel, and what in the object needs it.
public struct ObjectNeed: Sendable, Hashable {
    /// What is demanded.
    public let demand: Demand
    /// The part that demands it, such as `helper bpf_ktime_get_ns` or `map type RINGBUF`.
    public let feature: String
    /// Whether only programs demand it that are not loaded by default (`SEC("?…")`).
    public internal(set) var isOptional: Bool
    /// Whether it stands in code that may be cut off before the verifier sees it.
    ///
    /// Code behind a test of `bpf_core_…_exists`, of a `__kconfig` variable or of a constant in `.rodata` is cut off where
    /// the test fails.
    public internal(set) var isGuarded: Bool
    /// Where in the object, one per line, at most the first eight.
    public internal(set) var evidence: [String]

    /// What can be demanded.
    public enum Demand: Sendable, Hashable {
        /// An option that must be on.
        case option(OptionDemand)
        /// The first release of kernel.org that has the feature.
        case kernel(KernelVersion)
        /// A way of attaching, and the options that it needs.
        case attach(String, [OptionDemand])
        /// Something that no kernel grants; the text says why.
        case impossible(String)
        /// Something that the kernel's own types tell: whether it is there, and in words.
        case fact(Bool, String)
        /// Something whose needs are not known; the text says what is not.
        case unknown(String)
        /// An `extern … __kconfig` variable of a type, which libbpf sets to an option's value before the kernel sees the object.
        case setting(KernelSetting)
    }

    /// The need in the form that samples' manifests have; `nil` for what no such form exists for.
    ///
    /// Of several options any of which will do it names the usual one.
    public var need: Need? {
        switch demand {
        case .option(let option): option.anyOf.first.map { .option($0) }
        case .setting(let setting): setting.isWeak ? nil : .option(setting.option)
        case .kernel(let version): .kernel(version)
        case .attach(let way, _): .attach(way)
        case .impossible, .fact, .unknown: nil
        }
    }

    /// How deep a check of it goes.
    public var level: CheckResult.Level {
        if case .attach = demand { return .attach }
        return feature.hasPrefix("attach ") ? .attach : .load
    }
}

extension ObjectNeed: CustomStringConvertible {
    /// What is demanded in one word or, where there is none, in words.
    public var description: String {
        switch demand {
        case .impossible(let reason), .fact(_, let reason), .unknown(let reason): reason
        case .option(let option): option.description
        case .setting(let setting): setting.isWeak ? "\(setting.option), where it is set" : setting.option
        case .kernel, .attach: need?.description ?? ""
        }
    }
}
