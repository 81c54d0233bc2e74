public import RunModel

/// KTAP version 1: a test a sample and, nested, a test a check.
///
/// Two readers decide the details. `kunit.py` of Linux 6.1 counts the innermost tests only, so the nested level must come
/// to the sample's verdict: an expected failure nests no `not ok`, and a sample that failed for another reason than its
/// checks nests one line more. Perl's `prove` reads the top level. A missing sample is in the plan and has no line: both
/// readers then report it.
public struct KTAPReport: ReportFormat {
    /// `ktap`.
    public let name = "ktap"

    /// Creates the format.
    public init() {}

    /// Renders a run; never throws.
    public func render(_ record: RunRecord) -> String { ReportSink.text { render(record, into: $0) } }

    /// Writes a run; never throws.
    public func render(_ record: RunRecord, into sink: ReportSink) {
        sink.line("KTAP version 1")
        sink.line("1..\(record.results.count)")
        var missing: [String] = []
        var number = 1
        for result in record.results {
            let name = KTAPText.description(Self.name(of: result, in: record))
            switch result.verdict {
            case .miss:
                // Numbers have no gap: a gap is a second error to kunit.py, and neither reader names the missing test.
                missing.append(KTAPText.diagnostic("missing: \(name) (\(result.evidence))"))
                continue
            case .pass, .fail, .error, .skip:
                sink.lines(nested(result, name))
                sink.lines(diagnostics(result, name))
                sink.line(resultLine(result, number, name))
            }
            number += 1
        }
        sink.lines(missing)
    }

    /// The sample; with its machine before it where the run had several.
    private static func name(of result: SampleResult, in record: RunRecord) -> String {
        record.machines.count > 1 ? "\(result.machine) \(result.sample)" : result.sample
    }

    private func resultLine(_ result: SampleResult, _ number: Int, _ name: String) -> String {
        let evidence = KTAPText.data(result.evidence)
        let (isOK, note): (Bool, String?) =
            switch result.standing {
            case .pass: (true, result.flakiness)
            case .unexpectedPass: (true, "XPASS it was expected to fail")
            case .expectedFail: (true, "XFAIL \(evidence)")
            case .skip: (true, "SKIP \(evidence)")
            case .error: (false, "ERROR \(evidence)")
            case .fail where result.reason == .timeout: (false, "TIMEOUT \(evidence)")
            // A missing sample never comes here; as a failure it could not pass for anything better.
            case .fail, .miss: (false, nil)
            }
        return KTAPText.result(isOK, number, name, note)
    }

    /// What belongs to a test stands directly before its line.
    private func diagnostics(_ result: SampleResult, _ name: String) -> [String] {
        var texts: [String] = []
        switch result.standing {
        case .pass, .unexpectedPass, .skip: break
        case .fail, .error, .miss, .expectedFail:
            texts.append((result.reason.map { "\($0.rawValue): " } ?? "") + result.evidence)
            texts += result.details
        }
        texts += result.leaks.map { "leak: \($0.kind) \($0.subject)" }
        if result.control == .accepted { texts.append("the control run passed with the stimulus withheld") }
        return texts.map { KTAPText.diagnostic("\(name): \($0)") }
    }

    private func nested(_ result: SampleResult, _ name: String) -> [String] {
        let tests = nestedTests(result, name)
        if tests.isEmpty { return [] }
        return ["  KTAP version 1", "  # Subtest: \(name)", "  1..\(tests.count)"]
            + zip(1..., tests).map { number, test in
                "  " + KTAPText.result(test.isOK, number, test.description, test.note)
            }
    }

    private func nestedTests(_ result: SampleResult, _ name: String) -> [(
        isOK: Bool, description: String, note: String?
    )] {
        // A sample that was skipped or never ended has no checks that count.
        guard !result.checks.isEmpty, result.verdict != .skip, result.verdict != .miss else { return [] }
        var tests: [(isOK: Bool, description: String, note: String?)] = result.checks.map { check in
            let claim = KTAPText.description(check.claim)
            // kunit.py takes a nested line with the parent's name for the parent's own.
            let description = claim == name ? "\(claim) (check)" : claim
            if check.held { return (true, description, nil) }
            let found = KTAPText.data("expected \(check.expected), found \(check.observed)")
            return result.standing == .expectedFail
                ? (true, description, "XFAIL \(found)") : (false, description, found)
        }
        let isBad = result.standing == .fail || result.standing == .error
        if isBad && result.objection == nil {
            tests.append((false, "the sample ended as it should", KTAPText.data(result.evidence)))
        }
        // The other way round, a pass with a check that did not hold: the record contradicts itself, and the check is
        // believed by kunit.py, which is the safe side.
        return tests
    }
}
