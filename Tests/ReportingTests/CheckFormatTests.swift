import RunModel
import Testing

@testable import Reporting

/// What every format of a check has in common: none can lose a failure.
@Suite struct `the formats of a check` {
    /// The standing of each verdict, for the weights required, recommended, optional and informative.
    static let table: [(CheckVerdict, String)] = [
        (.met, "PPPP"), (.metModule, "PPPP"), (.unmet, "FSSS"), (.notApplicable, "SSSS"), (.denied, "FSSS"),
        (.unknown, "ESSS"), (.conflict, "EEEE"),
    ]

    /// The standing that each format is read to give the only finding of a record; written apart from the formats.
    static let readers: [(String, @Sendable (String) -> Character?)] = [
        ("ktap", ktap), ("junit", junit), ("markdown", markdown),
    ]

    @Sendable static func ktap(_ text: String) -> Character? {
        let lines = text.split(separator: "\n").filter { $0.contains("ok 1 ") }
        guard lines.count == 2, lines[0].hasPrefix("  ") else { return nil }
        // The group's line says the same as that of its only finding.
        let isBad = lines.map { $0.contains("not ok 1 ") }
        guard isBad[0] == isBad[1] else { return nil }
        if isBad[0] { return lines[0].contains(" # ERROR ") ? "E" : "F" }
        let isSkip = lines.map { $0.contains(" # SKIP ") }
        return isSkip == [true, true] ? "S" : isSkip == [false, false] ? "P" : nil
    }

    @Sendable static func junit(_ text: String) -> Character? {
        let counts = ["failures", "errors", "skipped"].map { text.contains("\($0)=\"1\"") }
        let elements = ["<failure type=", "<error type=", "<skipped message="].map { text.contains($0) }
        guard counts == elements else { return nil }
        return switch counts {
        case [false, false, false]: "P"
        case [true, false, false]: "F"
        case [false, true, false]: "E"
        case [false, false, true]: "S"
        default: nil
        }
    }

    @Sendable static func markdown(_ text: String) -> Character? {
        var heading: String?
        var found: String?
        for line in text.split(separator: "\n") {
            if line.hasPrefix("## ") || line.hasPrefix("<details>") { heading = String(line) }
            if line.contains("CONFIG_A") { found = heading }
        }
        switch found {
        case "## Missing or refused": return "F"
        case "## Not known, or in conflict": return "E"
        case "## Not there, and not required", "<details><summary>Not asked of this kernel: 1</summary>": return "S"
        case "<details><summary>There: 1</summary>": return "P"
        default: return nil
        }
    }

    @Test func `are found by their names`() {
        #expect(CheckFormats.names == ["text", "json", "ktap", "junit", "markdown", "macros"])
        for name in CheckFormats.names { #expect(CheckFormats.named(name)?.name == name) }
        #expect(CheckFormats.named("yaml") == nil)
    }

    @Test func `give every verdict and weight its standing`() throws {
        #expect(Set(Self.table.map(\.0)) == Set(CheckVerdict.allCases))
        for (verdict, row) in Self.table {
            for (weight, standing) in zip(CheckResult.Weight.allCases, row) {
                let record = CheckRecords.record([CheckRecords.check("CONFIG_A", verdict, weight)])
                for (format, reader) in Self.readers {
                    let text = try #require(CheckFormats.named(format)).render(record)
                    #expect(reader(text) == standing, "\(format): \(verdict) \(weight):\n\(text)")
                }
                // What is neither failure nor error is what the exit code 0 means.
                #expect("FE".contains(standing) == (record.conclusion != .met), "\(verdict) \(weight)")
            }
        }
    }

    @Test(arguments: ["ktap", "junit", "markdown"])
    func `show a failure wherever it is, and none where there is none`(name: String) throws {
        let format = try #require(CheckFormats.named(name))
        let marks = ["ktap": "not ok", "junit": "<failure", "markdown": "## Missing"]
        let mark = try #require(marks[name])
        #expect(try !format.render(CheckRecords.good).contains(mark))
        for index in CheckRecords.good.checks.indices {
            var bad = CheckRecords.good
            bad.checks[index].verdict = .unmet
            let text = try format.render(bad)
            #expect(text.contains(mark), "\(bad.checks[index].feature) in \(text)")
            #expect(text.contains(bad.checks[index].feature))
            bad.checks.remove(at: index)
            #expect(try !format.render(bad).contains(mark))
        }
    }

    @Test(arguments: ["ktap", "junit", "markdown"])
    func `show each of many failures`(name: String) throws {
        let checks = (0..<1200).map { CheckRecords.check("CONFIG_N\($0)", .unmet) }
        let text = try #require(CheckFormats.named(name)).render(CheckRecords.record(checks))
        for check in checks where !text.contains(check.feature) { Issue.record("\(check.feature) is lost") }
    }

    @Test func `do not pass what was not checked`() throws {
        let empty = CheckRecords.record([])
        #expect(CheckKTAP().render(empty).contains("not ok 1 check\n"))
        #expect(CheckJUnit().render(empty).contains("errors=\"1\""))
        #expect(CheckMarkdown().render(empty).hasPrefix("# eBPF check: inconclusive\n"))
    }

    @Test(arguments: CheckRecords.hostileTexts)
    func `hold no control character of a hostile text`(text: String) throws {
        for format in CheckFormats.all where format.name != "json" {
            let scalars = try format.render(CheckRecords.hostile(text)).unicodeScalars
            let bad = scalars.first { $0 != "\n" && ($0.value < 0x20 || $0.value == 0x7F) }
            #expect(bad == nil, "\(format.name)")
        }
    }

    @Test(arguments: CheckRecords.hostileTexts)
    func `give a hostile text back from JSON`(text: String) throws {
        let record = CheckRecords.hostile(text)
        #expect(try CheckJSON.read(Array(CheckJSON().render(record).utf8)) == record)
    }
}
