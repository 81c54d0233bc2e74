import Comparing
import FoundationEssentials
import Reporting
import RunModel
import Testing

@Suite struct `the JSON schemas of comparisons` {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs").path

    static func path(_ kind: String) -> String { "\(folder)/\(kind)-comparison.schema.json" }

    static func members(_ kind: String, _ path: [String]) throws -> [String: JSONValue] {
        let schema = try JSONDecoder().decode(JSONValue.self, from: Data(try Scratch.text(Self.path(kind)).utf8))
        let value: JSONValue = try path.reduce(schema) { value, key in
            guard case .object(let members) = value else { return .null }
            return try #require(members[key], "no '\(key)' on the way to \(path)")
        }
        guard case .object(let members) = value else { return [:] }
        return members
    }

    static func strings(_ values: [String]) -> JSONValue { .array(values.map(JSONValue.string)) }

    @Test func `are of the versions that the code writes`() throws {
        #expect(try Self.members("run", ["properties", "schema"])["const"] == .string(RunComparison.schema))
        #expect(try Self.members("check", ["properties", "schema"])["const"] == .string(CheckComparison.schema))
    }

    @Test(arguments: ["run", "check"])
    func `list the same words as the code`(kind: String) throws {
        #expect(
            try Self.members(kind, ["definitions", "change", "properties", "kind"])["enum"]
                == Self.strings(ChangeKind.allCases.map(\.rawValue))
        )
        #expect(
            try Self.members(kind, ["properties", "conclusion"])["enum"]
                == Self.strings(ComparisonConclusion.allCases.map(\.words))
        )
        let found = kind == "run" ? "outcome" : "finding"
        let words = kind == "run" ? Verdict.allCases.map(\.rawValue) : CheckVerdict.allCases.map(\.rawValue)
        let path = ["definitions", found, "properties", "verdict"]
        #expect(try Self.members(kind, path)["enum"] == Self.strings(words))
    }

    @Test func `have the members that the code has, and no others`() throws {
        let runs = `the formats of a comparison`.runs
        let checks = `the formats of a comparison`.kprobes
        let number = NumberChange(claim: "", before: .init(of: Records.held), after: nil)
        let values: [(String, [String], Any)] = [
            ("run", ["definitions", "side", "properties"], runs.before),
            ("run", ["definitions", "machine", "properties"], Records.machine),
            ("run", ["definitions", "pair", "properties"], MachinePair(before: "", after: "")),
            ("run", ["definitions", "change", "properties"], runs.changes[0]),
            ("run", ["definitions", "outcome", "properties"], CellChange.Outcome(of: Records.passed)),
            ("run", ["definitions", "number", "properties"], number),
            ("run", ["definitions", "reading", "properties"], NumberChange.Reading(of: Records.held)),
            ("check", ["definitions", "side", "properties"], checks.before),
            ("check", ["definitions", "change", "properties"], checks.changes[0]),
            ("check", ["definitions", "helpers", "properties"], checks.helpers[0]),
        ]
        for (kind, path, value) in values {
            let members = Set(Mirror(reflecting: value).children.compactMap(\.label))
            #expect(try Set(Self.members(kind, path).keys) == members, "\(kind) \(path)")
        }
        #expect(
            try Self.members("run", ["definitions", "machine"])
                == Self.object(`the JSON schema`.value(at: ["definitions", "machine"]))
        )
    }

    private static func object(_ value: JSONValue) -> [String: JSONValue] {
        if case .object(let members) = value { members } else { [:] }
    }
}

@Suite(
    .enabled(
        if: ForeignTool.checkJSONSchema != nil || ForeignTool.isCI,
        "no check-jsonschema; set BPF_ASSAY_CHECK_JSONSCHEMA to what ci/python-tools prints"
    )
)
struct `check-jsonschema of comparisons` {
    private static func validator(_ kind: String) throws -> ForeignTool {
        var tool = try #require(ForeignTool.checkJSONSchema)
        tool.arguments = ["--schemafile", `the JSON schemas of comparisons`.path(kind)]
        return tool
    }

    @Test func `finds comparisons valid, with every member that can be there`() async throws {
        let other = Records.record([Records.timedOut, Records.skipped, Records.broke])
        let runs = try [
            `the formats of a comparison`.runs, RunComparison(of: Records.all, to: Records.good),
            RunComparison(of: Records.all, to: other), RunComparison(of: Records.record([]), to: Records.all),
            `samples by kernel`.comparison,
        ].map { try ComparisonJSON().render($0) }
        let answer = try await Self.validator("run").read(runs)
        #expect(answer.code == 0, "\(answer.text)")
        let checks = try [
            `the formats of a comparison`.kprobes,
            CheckComparison(of: CheckRecords.good, to: CheckRecords.record([])),
        ].map { try ComparisonJSON().render($0) }
        let other2 = try await Self.validator("check").read(checks)
        #expect(other2.code == 0, "\(other2.text)")
    }

    @Test func `finds them valid with hostile text`() async throws {
        let pairs = Records.hostileTexts.map { `the formats of a comparison`.hostile($0) }
        let runs = try await Self.validator("run").read(try pairs.map { try ComparisonJSON().render($0.1) })
        #expect(runs.code == 0, "\(runs.text.prefix(2000))")
        let checks = try await Self.validator("check").read(try pairs.map { try ComparisonJSON().render($0.0) })
        #expect(checks.code == 0, "\(checks.text.prefix(2000))")
    }

    @Test func `refuses a comparison of the other kind, and one without a conclusion`() async throws {
        let run = try ComparisonJSON().render(`the formats of a comparison`.runs)
        #expect(try await Self.validator("check").read(run).code == 1)
        let cut = run.replacing("\"conclusion\"", with: "\"conclusions\"")
        #expect(try await Self.validator("run").read(cut).code == 1)
    }
}

extension `samples by kernel` {
    /// Two kernels whose options differ.
    static let comparison: RunComparison = {
        var (before, after) = (record, record)
        for index in after.machines.indices { after.machines[index].options = ["CONFIG_KPROBES": "y"] }
        after.results[2].checks = [Records.held]
        after.results[2].verdict = .pass
        before.results[0].needs = [.option("CONFIG_KPROBES")]
        after.results[0].verdict = .fail
        after.results[0].reason = .crash
        return RunComparison(of: before, to: after)
    }()
}
