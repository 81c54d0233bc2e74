import RunModel

/// Colours for words, where colour was asked for.
struct TerminalStyle: Sendable {
    /// Whether escape sequences may be written.
    let colour: Bool

    /// A standing's word in its colour.
    func paint(_ standing: Standing) -> String { paint(standing.rawValue, standing) }

    /// A text in the colour of a standing.
    func paint(_ text: String, _ standing: Standing) -> String {
        let code =
            switch standing {
            case .pass: 32
            case .fail, .error, .miss, .unexpectedPass: 31
            case .skip, .expectedFail: 33
            }
        return paint(text, code: "1;\(code)")
    }

    /// A cell of a check's verdict in its colour.
    func paint(_ text: String, _ verdict: CheckVerdict) -> String {
        let code =
            switch verdict {
            case .met, .metModule: "32"
            case .unmet, .denied, .conflict: "31"
            case .unknown: "33"
            case .notApplicable: "2"
            }
        return paint(text, code: code)
    }

    /// A check's answer in the colour of what it comes to.
    func paint(_ text: String, _ conclusion: CheckConclusion) -> String {
        switch conclusion {
        case .met: paint(text, code: "1;32")
        case .unmet: paint(text, code: "1;31")
        case .inconclusive, .conflict: paint(text, code: "1;33")
        }
    }

    /// A heading or a sum of a comparison in the colour of how it is to be taken.
    func paint(_ text: String, _ mood: ComparisonOutline.Mood) -> String {
        switch mood {
        case .good: paint(text, code: "1;32")
        case .bad: paint(text, code: "1;31")
        case .doubtful: paint(text, code: "1;33")
        case .neutral: heading(text)
        }
    }

    /// A heading in bold.
    func heading(_ text: String) -> String { paint(text, code: "1") }

    private func paint(_ text: String, code: String) -> String {
        colour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
