public import RunModel

/// What is asked of a kernel: options of its config and features that it must show.
///
/// Each is asked of all kernels or of some, and its absence fails the check or nothing.
public struct ConfigProfile: Sendable, Equatable {
    /// The base name of the profile's file, such as `core`; several profiles joined have theirs joined by `+`.
    public let name: String
    /// The options that are asked for, in the order of the file.
    public let requirements: [Requirement]
    /// The features that are asked for, in the order of the file: what rules and probes judge, not the config's text.
    public let features: [FeatureRequirement]

    /// One option that is asked for.
    public struct Requirement: Sendable, Hashable {
        /// The option, with its `CONFIG_` prefix.
        public let option: String
        /// What it should be set to.
        ///
        /// ``KernelConfig/Value/module`` also accepts an option that is built in.
        public let wanted: KernelConfig.Value
        /// What its absence fails: `required` fails the check, `recommended` and `optional` fail nothing.
        public let weight: CheckResult.Weight
        /// What the option is for, and so what its absence blocks; empty where the profile does not say.
        public let purposes: [String]
        /// The kernels it is asked of, `nil` for all.
        public let versions: KernelVersionRange?
        /// Whatever else the profile notes, printable.
        public let remarks: [String]
        /// The line in the profile, from 1.
        public let line: Int

        /// The line of a `.config` that meets the requirement.
        public var configLine: String { wanted.line(for: option) }

        /// Whether its absence fails nothing.
        public var isOptional: Bool { weight != .required }

        /// What a missing option blocks, in words.
        public func blocked(in profile: String) -> String {
            purposes.isEmpty ? "what the profile '\(printable(profile))' is for" : purposes.joined(separator: "; ")
        }
    }

    /// One feature that is asked for, as `# [feature attach:kprobe, optional, for kprobe samples]` does.
    public struct FeatureRequirement: Sendable, Hashable {
        /// The name that rules and probes give it.
        ///
        /// Such as `BPF_PROG_TYPE_XDP`, `BPF_PROG_TYPE_TRACING/BPF_TRACE_FENTRY`, `BPF_MAP_TYPE_RINGBUF`,
        /// `BPF_LINK_TYPE_XDP`, `attach:kprobe` or `effect:lsm`. Only its form has been checked: a name that neither
        /// knows is for them to refuse.
        public let name: String
        /// What its absence fails: `required` fails the check, `recommended` and `optional` fail nothing.
        public let weight: CheckResult.Weight
        /// What it is for, and so what its absence blocks; empty where the profile does not say.
        public let purposes: [String]
        /// The kernels it is asked of, `nil` for all.
        public let versions: KernelVersionRange?
        /// Whatever else the profile notes, printable.
        public let remarks: [String]
        /// The line in the profile, from 1.
        public let line: Int
    }

    init(name: String, requirements: [Requirement], features: [FeatureRequirement] = []) {
        self.name = name
        self.requirements = requirements
        self.features = features
    }

    /// Joins profiles, in their order.
    ///
    /// What two of them ask alike is asked once, as the one does that fails the most.
    public init(joining profiles: [ConfigProfile]) {
        struct Key: Hashable {
            let option: String
            let wanted: KernelConfig.Value
            let versions: KernelVersionRange?
        }
        var positions: [Key: Int] = [:]
        var joined: [Requirement] = []
        for asked in profiles.flatMap(\.requirements) {
            let key = Key(option: asked.option, wanted: asked.wanted, versions: asked.versions)
            if let position = positions[key] {
                if asked.weight.outranks(joined[position].weight) { joined[position] = asked }
            } else {
                positions[key] = joined.count
                joined.append(asked)
            }
        }
        self.init(
            name: profiles.map(\.name).joined(separator: "+"),
            requirements: joined,
            features: Self.asked(profiles.flatMap(\.features))
        )
    }

    /// Features with what is asked twice left out: of two that differ only in weight, the weaker one.
    static func asked(_ features: [FeatureRequirement]) -> [FeatureRequirement] {
        struct Key: Hashable {
            let name: String
            let versions: KernelVersionRange?
        }
        var positions: [Key: Int] = [:]
        var joined: [FeatureRequirement] = []
        for asked in features {
            let key = Key(name: asked.name, versions: asked.versions)
            if let position = positions[key] {
                if asked.weight.outranks(joined[position].weight) { joined[position] = asked }
            } else {
                positions[key] = joined.count
                joined.append(asked)
            }
        }
        return joined
    }
}
