import FoundationEssentials
import Reporting
import RunModel
import Testing

@Suite struct `the JSON schema` {
    static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/record.schema.json").path

    static func schema() throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(try Scratch.text(path).utf8))
    }

    static func value(at path: [String]) throws -> JSONValue {
        try path.reduce(try schema()) { value, key in
            guard case .object(let members) = value else { return .null }
            return try #require(members[key], "no '\(key)' on the way to \(path)")
        }
    }

    static let enums: [([String], [String])] = [
        (["verdict"], Verdict.allCases.map(\.rawValue)),
        (["reason"], Reason.allCases.map(\.rawValue)),
        (["machine", "properties", "config", "properties", "identity"], ConfigIdentity.allCases.map(\.rawValue)),
        (["feature", "properties", "level"], CheckResult.Level.allCases.map(\.rawValue)),
        (["feature", "properties", "verdict"], CheckVerdict.allCases.map(\.rawValue)),
        (["result", "properties", "variant"], SampleResult.Variant.allCases.map(\.rawValue)),
        (["result", "properties", "expected"], SampleResult.Expectation.allCases.map(\.rawValue)),
        (["result", "properties", "control"], SampleResult.Control.allCases.map(\.rawValue)),
    ]

    @Test(arguments: enums)
    func `lists the same words as the code`(path: [String], words: [String]) throws {
        #expect(try Self.value(at: ["definitions"] + path + ["enum"]) == .array(words.map(JSONValue.string)))
    }

    @Test func `is of the version that the code writes`() throws {
        #expect(try Self.value(at: ["properties", "schema", "const"]) == .string(RecordJSON.schema))
    }

    @Test func `lets no object have keys of its own`() throws {
        func isStrict(_ value: JSONValue) -> Bool {
            switch value {
            case .object(let members):
                let isObject = members["type"] == .string("object")
                return (!isObject || members["additionalProperties"] == .bool(false))
                    && members.values.allSatisfy(isStrict)
            case .array(let values): return values.allSatisfy(isStrict)
            case .null, .bool, .integer, .unsigned, .number, .string: return true
            }
        }
        #expect(isStrict(try Self.schema()))
    }
}
