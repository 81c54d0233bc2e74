import RunModel

/// Whether a program type may call a helper.
enum HelperVerdict: Hashable {
    case yes
    case sleepableOnly
    case no
    case undecided(String)
}

extension HelperColumn {
    mutating func add(_ verdict: HelperVerdict, _ helper: String) {
        switch verdict {
        case .yes: supported.append(helper)
        case .sleepableOnly: sleepableOnly.append(helper)
        case .no: absent.append(helper)
        case .undecided(let reason): inconclusive.append(Undecided(helper: helper, reason: reason))
        }
    }
}
