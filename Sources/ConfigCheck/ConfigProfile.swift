public import RunModel

/// What is asked of a kernel's config: a list of options, each for all kernels or for some, required or optional.
public struct ConfigProfile: Sendable, Equatable {
    /// The base name of the profile's file, such as `core`; several profiles joined have theirs joined by `+`.
    public let name: String
    /// What is asked, in the order of the file.
    public let requirements: [Requirement]

    /// One option that is asked for.
    public struct Requirement: Sendable, Hashable {
        /// The option, with its `CONFIG_` prefix.
        public let option: String
        /// What it should be set to.
        ///
        /// ``KernelConfig/Value/module`` also accepts an option that is built in.
        public let wanted: KernelConfig.Value
        /// Whether its absence fails nothing.
        public let isOptional: Bool
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

        /// Whom its absence fails.
        public var weight: CheckResult.Weight { isOptional ? .optional : .required }

        /// What a missing option blocks, in words.
        public func blocked(in profile: String) -> String {
            purposes.isEmpty ? "what the profile '\(printable(profile))' is for" : purposes.joined(separator: "; ")
        }
    }

    init(name: String, requirements: [Requirement]) {
        self.name = name
        self.requirements = requirements
    }

    /// Joins profiles, in their order.
    ///
    /// What two of them ask alike is asked once, and required beats optional.
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
                if joined[position].isOptional, !asked.isOptional { joined[position] = asked }
            } else {
                positions[key] = joined.count
                joined.append(asked)
            }
        }
        self.init(name: profiles.map(\.name).joined(separator: "+"), requirements: joined)
    }
}
