import FeatureRules
public import RunModel

extension ObjectNeeds {
    /// The name of the JSON form of a list of needs.
    public static let schema = "bpf-assay/object-needs/1"

    /// The needs, one per line: what is needed, what for, and the first place, with tabs between them.
    public func list() -> String {
        needs.map { need in
            let marks = (need.isOptional ? " [optional]" : "") + (need.isGuarded ? " [guarded]" : "")
            return "\(need)\t\(need.feature)\(marks)\t\(need.evidence.first ?? "")\n"
        }.joined()
    }

    /// The needs for programs.
    ///
    /// - Parameter object: The object's path or name.
    /// - Returns: An object with ``schema``, a member of `needs` a need.
    public func json(object: String) -> JSONValue {
        .object([
            "schema": .string(Self.schema), "object": .string(object), "license": .string(license),
            "programs": programsJSON, "needs": .array(needs.map { .object($0.members) }),
        ])
    }

    var programsJSON: JSONValue {
        .array(
            programs.map { program in
                var members: [String: JSONValue] = [
                    "name": .string(program.name), "section": .string(program.section),
                    "sleepable": .bool(program.isSleepable), "fragments": .bool(program.takesFragments),
                    "optional": .bool(program.isOptional),
                ]
                if let type = program.type { members["type"] = .string(type) }
                if let attachType = program.attachType { members["attach_type"] = .string(attachType) }
                if let target = program.target { members["target"] = .string(target) }
                return .object(members)
            }
        )
    }
}

extension ObjectNeed {
    /// The need's JSON members.
    ///
    /// `need` is left out where no such form exists, and `any_of` where there is a single option.
    var members: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "feature": .string(feature), "description": .string(description), "optional": .bool(isOptional),
            "guarded": .bool(isGuarded), "evidence": .array(evidence.map { .string($0) }),
        ]
        if let need { members["need"] = .string(need.description) }
        if case .option(let option) = demand, option.anyOf.count > 1 {
            members["any_of"] = .array(option.anyOf.map { .string($0) })
        }
        return members
    }
}
