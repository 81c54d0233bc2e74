import FeatureRules
import RunModel

/// Gathers needs, one for each feature and demand, with the evidence of all that demand it.
struct NeedCollector {
    private struct Key: Hashable {
        let feature: String
        let demand: ObjectNeed.Demand
    }

    /// How many places are kept for a need.
    private static let mostEvidence = 8

    let table: RuleTable
    /// Whether the object's licence is compatible with the GPL, and the licence as it stands there.
    let license: (isCompatible: Bool, text: String)
    private var order: [Key] = []
    private var needs: [Key: ObjectNeed] = [:]

    init(table: RuleTable, license: (isCompatible: Bool, text: String)) {
        self.table = table
        self.license = license
    }

    /// What demands something: where it stands, and how sure it is that a kernel ever sees it.
    struct Origin {
        let place: String
        var isOptional = false
        var isGuarded = false
    }

    var all: [ObjectNeed] { order.compactMap { needs[$0] } }

    mutating func add(_ demand: ObjectNeed.Demand, for feature: String, _ origin: Origin) {
        let key = Key(feature: feature, demand: demand)
        guard var need = needs[key] else {
            order.append(key)
            needs[key] = ObjectNeed(
                demand: demand,
                feature: feature,
                isOptional: origin.isOptional,
                isGuarded: origin.isGuarded,
                evidence: [origin.place]
            )
            return
        }
        need.isOptional = need.isOptional && origin.isOptional
        need.isGuarded = need.isGuarded && origin.isGuarded
        if need.evidence.count < Self.mostEvidence, !need.evidence.contains(origin.place) {
            need.evidence.append(origin.place)
        }
        needs[key] = need
    }

    /// Adds all that a row of the table demands.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - feature: The part that demands it.
    ///   - origin: Where.
    ///   - isAsked: Whether the kernel's version is asked too.
    mutating func add(
        _ row: RuleTable.Row,
        for feature: String,
        _ origin: Origin,
        withVersion isAsked: Bool = true
    ) {
        switch row.since {
        case _ where !isAsked: break
        case .always: break
        case .version(let version): add(.kernel(version), for: feature, origin)
        case .unknown, .after: add(.unknown("it is not known since which kernel"), for: feature, origin)
        }
        for option in row.options { add(.option(option), for: feature, origin) }
        guard !license.isCompatible else { return }
        if row["gpl"] != nil {
            add(.impossible("a license compatible with the GPL; this one is '\(license.text)'"), for: feature, origin)
        } else if let version = row["gpl-until"].flatMap({ KernelVersion($0) }) {
            add(.kernel(version), for: "\(feature) without the GPL", origin)
        }
    }

    /// Adds a feature that the table has by name.
    mutating func add(feature name: String, _ origin: Origin) {
        if let row = table.row(.feature, name) { add(row, for: name, origin) }
    }
}
