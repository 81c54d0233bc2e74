import FoundationEssentials
import RunModel

/// A record's results, read one after another, and the rest of it, which is small.
struct RecordParts {
    /// The results that were read.
    private(set) var results: [SampleResult] = []
    /// The record as JSON with an empty list in place of its results.
    private(set) var frame: [UInt8] = []
    /// What is wrong with the results; it is said after what is wrong with the record's version.
    private(set) var objection: RecordError?

    /// Takes a record apart.
    ///
    /// What is no object stays in the frame as it is: whoever decodes that says what is wrong.
    ///
    /// - Throws: ``RecordError/notARecord(_:)`` for what is no JSON, or has a member twice.
    init(_ bytes: [UInt8], keepsObservations: Bool) throws(RecordError) {
        do throws(JSONFault) {
            try bytes.withUnsafeBufferPointer { buffer throws(JSONFault) in try read(buffer, keepsObservations) }
        } catch {
            throw bytes.isEmpty ? .notARecord("it is empty") : .notARecord("it is not valid JSON: \(error)")
        }
    }

    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, _ keepsObservations: Bool) throws(JSONFault) {
        var parser = JSONParser(bytes)
        guard parser.enter("{") else {
            let start = parser.position
            try parser.skipValue()
            frame = Array(parser.slice(start, parser.position))
            return try parser.expectEnd()
        }
        var names: Set<String> = []
        var isFirst = true
        frame.append(UInt8(ascii: "{"))
        while let key = try parser.nextKey(&isFirst) {
            let name = try parser.text(of: key)
            guard names.insert(name).inserted else {
                throw parser.fault(.duplicate)
            }
            if names.count > 1 { frame.append(UInt8(ascii: ",")) }
            frame += JSONValue.string(name).text.utf8
            frame.append(UInt8(ascii: ":"))
            let start = parser.position
            if name == "results", parser.enter("[") {
                frame += "[]".utf8
                try readResults(&parser, keepsObservations)
            } else {
                try parser.skipValue()
                frame += parser.slice(start, parser.position)
            }
        }
        frame.append(UInt8(ascii: "}"))
        try parser.expectEnd()
    }

    private mutating func readResults(_ parser: inout JSONParser, _ keepsObservations: Bool) throws(JSONFault) {
        var isFirst = true
        var number = 0
        while try parser.hasElement(&isFirst) {
            if objection != nil {
                try parser.skipValue()
            } else if let result = try parser.result(keepsObservation: keepsObservations) {
                results.append(result)
            } else {
                // The value may not be white space only: hasElement() has found its begin.
                let start = parser.position
                _ = try parser.value()
                do {
                    let slice = Data(parser.slice(start, parser.position))
                    results.append(try JSONDecoder().decode(SampleResult.self, from: slice))
                } catch {
                    objection = .notARecord(RecordError.cause(of: error, in: "results[\(number)]"))
                }
            }
            number += 1
        }
    }
}
