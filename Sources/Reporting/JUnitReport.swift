import FileBytes
public import RunModel

/// JUnit XML that is valid against both schemas in use, Jenkins' `junit-10.xsd` and Ant's.
///
/// A machine is a test suite. JUnit has no word for a missing sample, which is an `<error type="missing">`, nor for an
/// expected failure, which is skipped with a message that begins with `XFAIL`. An unexpected pass is a pass there.
public struct JUnitReport: ReportFormat {
    /// `junit`.
    public let name = "junit"

    /// Creates the format.
    public init() {}

    /// Renders a run; never throws.
    public func render(_ record: RunRecord) -> String { ReportSink.text { render(record, into: $0) } }

    /// Writes a run; never throws.
    public func render(_ record: RunRecord, into sink: ReportSink) {
        var names = UniqueNames()
        sink.line(#"<?xml version="1.0" encoding="UTF-8"?>"#)
        sink.line("<testsuites>")
        for (index, suite) in Self.suites(record).enumerated() { write(suite, index, record, &names, into: sink) }
        sink.line("</testsuites>")
    }

    private struct Suite {
        var id: String
        var machine: Machine?
        var results: [SampleResult]
    }

    /// A suite for every machine, and for every name of a machine that only results know.
    private static func suites(_ record: RunRecord) -> [Suite] {
        var suites: [Suite] = []
        var position: [String: Int] = [:]
        for machine in record.machines where position[machine.id] == nil {
            position[machine.id] = suites.count
            suites.append(Suite(id: machine.id, machine: machine, results: []))
        }
        for result in record.results {
            if let index = position[result.machine] {
                suites[index].results.append(result)
            } else {
                position[result.machine] = suites.count
                suites.append(Suite(id: result.machine, machine: nil, results: [result]))
            }
        }
        return suites
    }

    private func write(
        _ suite: Suite,
        _ index: Int,
        _ record: RunRecord,
        _ names: inout UniqueNames,
        into sink: ReportSink
    ) {
        // Jenkins splits a class name at its dots, so a release must not have any there.
        let release = suite.machine.map { "linux-\($0.kernel.release)" } ?? suite.id
        let className = "bpf-assay." + XMLText.token(suite.id == "host" ? release : suite.id).replacing(".", with: "_")
        let standings = suite.results.map(\.standing)
        let attributes = [
            ("name", XMLText.token(release)), ("package", "bpf-assay"), ("id", "\(index)"),
            ("tests", "\(suite.results.count)"), ("failures", "\(standings.count { $0 == .fail })"),
            ("errors", "\(standings.count { $0 == .error || $0 == .miss })"),
            ("skipped", "\(standings.count { $0 == .skip || $0 == .expectedFail })"),
            ("time", secondsText(suite.results.reduce(0) { $0 + max(0, $1.duration) })),
            ("timestamp", XMLText.timestamp(record.run.started)), ("hostname", XMLText.token(suite.id)),
        ]
        sink.line("  <testsuite\(XMLText.attributes(attributes))>")
        sink.lines(properties(suite.machine, record.run))
        for result in suite.results { sink.line(testCase(result, className, &names)) }
        sink.lines(["    <system-out/>", "    <system-err/>", "  </testsuite>"])
    }

    private func properties(_ machine: Machine?, _ run: RunInfo) -> [String] {
        let pairs = [
            ("run", run.id), ("tool", run.tool), ("kernel", machine?.kernel.release),
            ("kernel.version", machine?.kernel.version), ("arch", machine?.kernel.arch),
            ("config", machine?.config.source), ("config.identity", machine?.config.identity.rawValue),
            ("clang", machine?.clang), ("libbpf", machine?.libbpf),
        ]
        let lines = pairs.compactMap { name, value in
            value.map { "      <property\(XMLText.attributes([("name", name), ("value", $0)]))/>" }
        }
        return ["    <properties>"] + lines + ["    </properties>"]
    }

    private func testCase(_ result: SampleResult, _ className: String, _ names: inout UniqueNames) -> String {
        let sample = XMLText.token(result.formName)
        let attributes = [
            ("classname", className), ("name", names.unique(sample, in: className)),
            ("time", secondsText(result.duration)),
        ]
        let open = "    <testcase\(XMLText.attributes(attributes))"
        return outcome(of: result).map { "\(open)>\($0)</testcase>" } ?? "\(open)/>"
    }

    private func outcome(of result: SampleResult) -> String? {
        switch result.standing {
        case .pass, .unexpectedPass: nil
        case .fail: element("failure", type: (result.reason ?? .oracle).rawValue, result)
        case .error: element("error", type: (result.reason ?? .harness).rawValue, result)
        case .miss: element("error", type: "missing", result)
        case .skip: element("skipped", type: nil, result)
        case .expectedFail: element("skipped", type: nil, result, prefix: "XFAIL: ")
        }
    }

    /// GitLab ignores the message and shows the text, so the text begins with the message.
    private func element(_ name: String, type: String?, _ result: SampleResult, prefix: String = "") -> String {
        let message = ForeignText.capped(prefix + result.evidence)
        let leaks = result.leaks.map { "leak: \($0.kind) \($0.subject)" }
        let text = ([message] + (result.details + leaks).map(ForeignText.capped)).joined(separator: "\n")
        let attributes = (type.map { [("type", $0)] } ?? []) + [("message", message)]
        return "<\(name)\(XMLText.attributes(attributes))>\(XMLText.escaped(text))</\(name)>"
    }
}
