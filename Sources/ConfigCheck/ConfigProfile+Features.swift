public import RunModel

extension ConfigProfile {
    /// Options of which a feature needs one.
    public struct OptionNeed: Sendable, Hashable {
        /// The options, the usual one first, with their `CONFIG_` prefix.
        public let anyOf: [String]
        /// What their absence fails.
        public let weight: CheckResult.Weight
        /// The feature.
        public let purpose: String

        /// Creates a need.
        public init(anyOf: [String], weight: CheckResult.Weight, purpose: String) {
            self.anyOf = anyOf
            self.weight = weight
            self.purpose = purpose
        }
    }

    /// The features that are asked of a version; all of them where none is known.
    public func features(askedOf version: KernelVersion?) -> [FeatureRequirement] {
        features.filter { feature in
            guard let range = feature.versions, let version else { return true }
            return range.contains(version)
        }
    }

    /// The profile with the options that its features need, so that `--fix` brings those as well.
    ///
    /// An option that the profile asks for itself is left as it is. Of several that will do, one that the config has counts.
    ///
    /// - Parameters:
    ///   - needs: The options.
    ///   - config: The config that is judged, `nil` where none was found.
    ///   - version: The kernel's version, `nil` where none is known.
    /// - Returns: The profile under the same name.
    public func adding(_ needs: [OptionNeed], to config: KernelConfig?, of version: KernelVersion?) -> ConfigProfile {
        var asked = Set(requirements.map(\.option))
        var added: [Requirement] = []
        var places: [String: Int] = [:]
        for need in needs where need.anyOf.allSatisfy({ !asked.contains($0) || places[$0] != nil }) {
            let present = need.anyOf.first { config?[$0]?.isEnabled == true }
            // A name that came later means nothing to this version.
            let known = need.anyOf.first { name in
                guard let version, let came = OptionDates.introduction(of: name) else { return true }
                return came <= version
            }
            guard let option = present ?? known ?? need.anyOf.first else { continue }
            if let place = places[option] {
                added[place] = added[place].joined(with: need)
                continue
            }
            asked.insert(option)
            places[option] = added.count
            added.append(
                Requirement(
                    option: option,
                    wanted: OptionFact.named(option)?.reading(for: version).isTristate == true ? .module : .builtIn,
                    weight: need.weight,
                    purposes: [need.purpose],
                    versions: nil,
                    remarks: [],
                    line: 0
                )
            )
        }
        return ConfigProfile(name: name, requirements: requirements + added, features: features)
    }
}

extension ConfigProfile.Requirement {
    fileprivate func joined(with need: ConfigProfile.OptionNeed) -> ConfigProfile.Requirement {
        ConfigProfile.Requirement(
            option: option,
            wanted: wanted,
            weight: need.weight.outranks(weight) ? need.weight : weight,
            purposes: purposes.contains(need.purpose) ? purposes : purposes + [need.purpose],
            versions: versions,
            remarks: remarks,
            line: line
        )
    }
}
