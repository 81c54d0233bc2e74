import Reporting
import RunModel
import Testing

@Suite(
    .enabled(
        if: ForeignTool.kunit != nil || ForeignTool.isCI,
        "no kernel tree with tools/testing/kunit/kunit.py; set BPF_ASSAY_TREE"
    )
)
struct `kunit.py` {
    static func read(_ record: RunRecord) async throws -> ForeignTool.Answer {
        try await #require(ForeignTool.kunit).read(KTAPReport().render(record))
    }

    @Test func `takes a good run for one`() async throws {
        let answer = try await Self.read(Records.good)
        #expect(answer.code == 0, "\(answer.text)")
        #expect(answer.text.contains("networking/sockex1 (1 subtest)"))
        #expect(answer.text.contains("Ran 2 tests: passed: 1, skipped: 1"))
    }

    @Test func `counts an expected failure as no failure`() async throws {
        let answer = try await Self.read(Records.record([Records.expectedFailure, Records.unexpectedPass]))
        #expect(answer.code == 0, "\(answer.text)")
        #expect(!answer.text.contains("[FAILED]") && !answer.text.contains("[ERROR]"))
    }

    @Test(arguments: [Records.failed, Records.timedOut, Records.broke])
    func `takes a bad sample for a failure and for no error of form`(result: SampleResult) async throws {
        let answer = try await Self.read(Records.record([Records.passed, result]))
        #expect(answer.code == 1)
        #expect(answer.text.contains("[FAILED] \(result.sample)"), "\(answer.text)")
        #expect(answer.text.contains("failed: 1"), "\(answer.text)")
        #expect(!answer.text.contains("[ERROR]"), "\(answer.text)")
    }

    @Test func `notices a missing sample and shows its name`() async throws {
        let answer = try await Self.read(Records.record([Records.passed, Records.missing, Records.skipped]))
        #expect(answer.code == 1)
        #expect(answer.text.contains("[ERROR] Test: main: missing expected subtest!"))
        #expect(answer.text.contains("# missing: tracing/tracex2 ("))
        #expect(answer.text.ranges(of: "[ERROR]").count == 1, "\(answer.text)")
    }

    @Test(arguments: Records.hostileTexts)
    func `is not misled by hostile text`(text: String) async throws {
        let answer = try await Self.read(Records.hostile(text))
        // Two missing samples are two errors of form; there must be no third.
        #expect(answer.text.ranges(of: "[ERROR]").count == 2, "\(answer.text.prefix(4000))")
        #expect(
            answer.text.contains("Ran 11 tests: passed: 4, failed: 3, crashed: 2, skipped: 2, errors: 2"),
            "\(answer.text.suffix(300))"
        )
    }
}

@Suite(.enabled(if: ForeignTool.prove != nil || ForeignTool.isCI, "prove is not installed; it comes with perl"))
struct `prove` {
    static func read(_ record: RunRecord) async throws -> ForeignTool.Answer {
        try await #require(ForeignTool.prove).read(KTAPReport().render(record))
    }

    @Test func `takes a good run for one`() async throws {
        let answer = try await Self.read(Records.record([Records.passed, Records.skipped, Records.expectedFailure]))
        #expect(answer.code == 0, "\(answer.text)")
        #expect(answer.text.contains("Result: PASS"))
    }

    @Test func `counts the samples that went badly`() async throws {
        let answer = try await Self.read(
            Records.record([Records.passed, Records.failed, Records.timedOut, Records.broke])
        )
        #expect(answer.code == 1)
        #expect(answer.text.contains("Failed 3/4 subtests"), "\(answer.text)")
    }

    @Test func `notices a missing sample`() async throws {
        let answer = try await Self.read(Records.record([Records.passed, Records.missing]))
        #expect(answer.code == 1)
        #expect(answer.text.contains("Bad plan.  You planned 2 tests but ran 1."), "\(answer.text)")
    }

    @Test(arguments: Records.hostileTexts)
    func `is not misled by hostile text`(text: String) async throws {
        let answer = try await Self.read(Records.hostile(text))
        #expect(answer.text.contains("Bad plan.  You planned 11 tests but ran 9."), "\(answer.text.suffix(600))")
        #expect(answer.text.contains("Tests: 9 Failed: 3)"), "\(answer.text.suffix(600))")
        #expect(answer.text.contains("Parse errors: Bad plan."), "\(answer.text.suffix(600))")
    }
}

@Suite(
    .enabled(
        if: ForeignTool.xmllint != nil || ForeignTool.isCI,
        "no xmllint or schema; install libxml2-utils, and set BPF_ASSAY_JUNIT_XSD to what ci/fetch-junit-schema prints"
    )
)
struct `xmllint` {
    static func read(_ record: RunRecord) async throws -> ForeignTool.Answer {
        try await #require(ForeignTool.xmllint).read(JUnitReport().render(record))
    }

    @Test(arguments: [Records.all, Records.good, Records.record([]), Records.record([], machines: [])])
    func `finds the report valid`(record: RunRecord) async throws {
        let answer = try await Self.read(record)
        #expect(answer.code == 0 && answer.text.hasSuffix(" validates\n"), "\(answer.text)")
    }

    @Test(arguments: Records.hostileTexts)
    func `finds it valid with hostile text`(text: String) async throws {
        let answer = try await Self.read(Records.hostile(text))
        #expect(answer.code == 0, "\(answer.text.prefix(2000))")
    }
}

@Suite(
    .enabled(
        if: ForeignTool.checkJSONSchema != nil || ForeignTool.isCI,
        "no check-jsonschema; set BPF_ASSAY_CHECK_JSONSCHEMA to what ci/python-tools prints"
    )
)
struct `check-jsonschema` {
    static func read(_ record: RunRecord) async throws -> ForeignTool.Answer {
        try await #require(ForeignTool.checkJSONSchema).read(try RecordJSON().render(record))
    }

    /// A record with every member that can be there.
    static let full: RunRecord = {
        var record = Records.all
        record.checks = [
            CheckResult(feature: "CONFIG_BPF", level: .config, verdict: .metModule, evidence: ["y"], remedy: "none")
                .of(machine: "host")
        ]
        record.builds = [
            BuildResult(sample: "a/b", object: "b.o", verdict: .fail, command: "clang", diagnostics: ["d"], duration: 1)
        ]
        record.results[0].observation = .object(["n": .array([.null, .number(0.5)])])
        record.results[0].attempts = [.init(verdict: .fail, reason: .oracle, message: "", duration: 1)]
        return record
    }()

    @Test(arguments: [full, Records.good, Records.record([], machines: [], ended: nil)])
    func `finds the record valid`(record: RunRecord) async throws {
        let answer = try await Self.read(record)
        #expect(answer.code == 0, "\(answer.text)")
    }

    @Test func `finds a record of the first version valid`() async throws {
        let answer = try await #require(ForeignTool.checkJSONSchema).read(`the record as JSON`.first)
        #expect(answer.code == 0, "\(answer.text)")
    }

    @Test func `finds it valid with hostile text`() async throws {
        let documents = try Records.hostileTexts.map { try RecordJSON().render(Records.hostile($0)) }
        let answer = try await #require(ForeignTool.checkJSONSchema).read(documents)
        #expect(answer.code == 0, "\(answer.text.prefix(2000))")
    }

    @Test func `refuses a failure without a reason, and another schema`() async throws {
        var record = Records.good
        record.results[0].verdict = .fail
        #expect(try await Self.read(record).code == 1)
        record = Records.good
        record.schema = "bpf-assay/record/2"
        #expect(try await Self.read(record).code == 1)
    }
}
