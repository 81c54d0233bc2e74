import FileBytes
public import RunModel

/// A check as JUnit XML that is valid against both schemas in use, Jenkins' `junit-10.xsd` and Ant's.
///
/// A depth (options, types, attach points, effects) is a test suite. A check takes no time worth telling and its record
/// has no date, so times are 0 and the date that Ant's schema wants is the epoch.
public struct CheckJUnit: CheckFormat {
    /// `junit`.
    public let name = "junit"

    /// Creates the format.
    public init() {}

    /// Renders a check; never throws.
    public func render(_ record: CheckRecord) -> String {
        var names = UniqueNames()
        let suites = CheckGroup.groups(of: record).enumerated().map { index, group in
            suite(group, index, record, &names)
        }
        let lines = [#"<?xml version="1.0" encoding="UTF-8"?>"#, "<testsuites>"] + suites.joined() + ["</testsuites>"]
        return lines.joined(separator: "\n") + "\n"
    }

    private func suite(
        _ group: CheckGroup,
        _ index: Int,
        _ record: CheckRecord,
        _ names: inout UniqueNames
    ) -> [String] {
        let standings = group.checks.map(\.standing)
        func count(_ standing: CheckStanding) -> String { "\(standings.count { $0 == standing })" }
        let attributes = [
            ("name", "check \(group.title)"), ("package", "bpf-assay.check"), ("id", "\(index)"),
            ("tests", "\(group.checks.count)"), ("failures", count(.failure)), ("errors", count(.error)),
            ("skipped", count(.skip)), ("time", "0.000"), ("timestamp", XMLText.timestamp("")),
            ("hostname", XMLText.token(record.kernel.map { "linux-\($0)" } ?? "unknown")),
        ]
        var lines = ["  <testsuite\(XMLText.attributes(attributes))>"]
        lines += properties(record)
        for check in group.checks { lines.append(testCase(check, "bpf-assay.check.\(group.word)", &names)) }
        return lines + [notes(group), "    <system-err/>", "  </testsuite>"]
    }

    private func properties(_ record: CheckRecord) -> [String] {
        let pairs = [
            ("source", record.source), ("identity", record.identity.rawValue), ("kernel", record.kernel),
            ("profile", record.profile), ("conclusion", record.conclusion.word),
        ]
        let lines = pairs.compactMap { name, value in
            value.map { "      <property\(XMLText.attributes([("name", name), ("value", ForeignText.capped($0))]))/>" }
        }
        return ["    <properties>"] + lines + ["    </properties>"]
    }

    private func testCase(_ check: CheckResult, _ className: String, _ names: inout UniqueNames) -> String {
        let attributes = [
            ("classname", className), ("name", names.unique(XMLText.token(check.feature), in: className)),
            ("time", "0.000"),
        ]
        let open = "    <testcase\(XMLText.attributes(attributes))"
        return switch check.standing {
        case .pass: "\(open)/>"
        case .failure: "\(open)>\(element("failure", type: check.verdict.rawValue, check))</testcase>"
        case .error: "\(open)>\(element("error", type: check.verdict.rawValue, check))</testcase>"
        case .skip: "\(open)>\(element("skipped", type: nil, check))</testcase>"
        }
    }

    /// GitLab ignores the message and shows the text, so the text begins with the message.
    private func element(_ name: String, type: String?, _ check: CheckResult) -> String {
        let message = ForeignText.capped(check.reason)
        let text = ([message] + check.advice.map(ForeignText.capped)).joined(separator: "\n")
        let attributes = (type.map { [("type", $0)] } ?? []) + [("message", message)]
        return "<\(name)\(XMLText.attributes(attributes))>\(XMLText.escaped(text))</\(name)>"
    }

    /// A pass has no place for a note of its own that both schemas allow.
    private func notes(_ group: CheckGroup) -> String {
        let notes = group.checks.compactMap { check in check.note.map { "\(ForeignText.capped(check.feature)): \($0)" }
        }
        return notes.isEmpty
            ? "    <system-out/>"
            : "    <system-out>\(XMLText.escaped(notes.joined(separator: "\n")))</system-out>"
    }
}
