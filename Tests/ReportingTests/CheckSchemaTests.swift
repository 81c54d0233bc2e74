import FoundationEssentials
import Reporting
import RunModel
import Testing

@Suite struct `the JSON schema of a check` {
    static let path = `the JSON schema`.path.replacing("record.schema.json", with: "check.schema.json")

    static func members(_ path: [String]) throws -> [String: JSONValue] {
        let schema = try JSONDecoder().decode(JSONValue.self, from: Data(try Scratch.text(Self.path).utf8))
        let value = try path.reduce(schema) { value, key in
            guard case .object(let members) = value else { return .null }
            return try #require(members[key], "no '\(key)' on the way to \(path)")
        }
        guard case .object(let members) = value else { return [:] }
        return members
    }

    static let enums: [([String], [String])] = [
        (["properties", "identity"], ConfigIdentity.allCases.map(\.rawValue)),
        (["definitions", "finding", "properties", "level"], CheckResult.Level.allCases.map(\.rawValue)),
        (["definitions", "finding", "properties", "weight"], CheckResult.Weight.allCases.map(\.rawValue)),
        (["definitions", "finding", "properties", "verdict"], CheckVerdict.allCases.map(\.rawValue)),
        (["definitions", "answer", "properties", "answer"], ProbeAnswer.Word.allCases.map(\.rawValue)),
    ]

    @Test(arguments: enums)
    func `lists the same words as the code`(path: [String], words: [String]) throws {
        #expect(try Self.members(path)["enum"] == .array(words.map(JSONValue.string)))
    }

    @Test func `is of the version that the code writes`() throws {
        #expect(try Self.members(["properties", "schema"])["const"] == .string(CheckRecord.schema))
    }

    @Test func `has the members that the code has, and no others`() throws {
        let record = CheckRecords.record([CheckRecords.check("CONFIG_A", .met)], probe: CheckRecords.probe)
        let type = ProbedType(name: "BPF_PROG_TYPE_XDP", answer: .absent)
        let values: [([String], Any)] = [
            (["properties"], record), (["definitions", "finding", "properties"], record.checks[0]),
            (["definitions", "probe", "properties"], CheckRecords.probe),
            (["definitions", "type", "properties"], type),
            (["definitions", "helpers", "properties"], CheckRecords.probe.helpers[0]),
        ]
        for (path, value) in values {
            // A finding's machine is written in the record of a run alone.
            let members = Set(Mirror(reflecting: value).children.compactMap(\.label)).subtracting(["machine"])
            #expect(try Set(Self.members(path).keys) == members, "\(path)")
        }
    }
}
