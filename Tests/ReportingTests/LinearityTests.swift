import Comparing
import RunModel
import Testing

@testable import Reporting

/// That the work grows with the record and no faster, counted in calls and bytes and not in seconds.
@Suite struct `the work of reporting` {
    static func record(_ count: Int, failingAt phase: Int = 0) -> RunRecord {
        Records.record(
            (0..<count).map { index in
                var result =
                    (index + phase) % 10 == 0 ? Records.failed : index % 10 == 1 ? Records.skipped : Records.passed
                result.sample = "networking/s\(index)"
                return result
            }
        )
    }

    /// How many bytes come out, and in how many pieces.
    static func output(_ format: any ReportFormat, _ record: RunRecord) throws -> (
        bytes: Int, pieces: Int, largest: Int
    ) {
        var (bytes, pieces, largest) = (0, 0, 0)
        let sink = ReportSink {
            bytes += $0.count
            pieces += 1
            largest = max(largest, $0.count)
        }
        try format.render(record, into: sink)
        try sink.finish()
        return (bytes, pieces, largest)
    }

    @Test(arguments: ReportFormats.names)
    func `hands a format on in pieces that do not grow with the record`(name: String) throws {
        let format = try #require(ReportFormats.named(name))
        let (small, large) = (try Self.output(format, Self.record(1000)), try Self.output(format, Self.record(4000)))
        #expect(large.bytes < 5 * small.bytes)
        #expect(large.largest < 1 << 18, "a piece of \(large.largest) bytes")
        #expect(large.pieces >= large.bytes >> 18)
    }

    @Test(arguments: ReportFormats.names)
    func `gives the same bytes in pieces and as one text`(name: String) throws {
        let format = try #require(ReportFormats.named(name))
        for record in [Records.all, Self.record(500)] {
            let text = try format.render(record)
            #expect(try Self.output(format, record).bytes == text.utf8.count)
        }
    }

    @Test func `looks for a name that is taken no more often than it is asked for`() {
        var names = UniqueNames()
        for index in 1...20_000 {
            #expect(names.unique("s", in: "c") == (index == 1 ? "s" : "s (\(index))"))
        }
    }

    @Test func `has a table only where it is not larger than the record`() {
        func record(_ machines: Int, _ samples: (Int) -> [Int]) -> RunRecord {
            Records.record(
                (0..<machines).flatMap { machine in
                    samples(machine).map { sample in
                        var result = Records.passed
                        (result.sample, result.machine) = ("s/\(sample)", "vm:\(machine)")
                        return result
                    }
                }
            )
        }
        #expect(CellMatrix(record(20) { _ in Array(0..<30) })?.rows.count == 30)
        let sparse = record(2000) { [$0] }
        #expect(CellMatrix(sparse) == nil)
        let text = TextReport().render(sparse)
        #expect(text.contains("\nPASS vm:1999 s/1999\n") && !text.contains("samples by kernel"))
        #expect(MarkdownReport().render(sparse).contains("| `vm:1999` | `s/1999` | `PASS` |"))
    }

    @Test func `compares in the order of the second run, whatever the size`() {
        let comparison = RunComparison(of: Self.record(3000), to: Self.record(3000, failingAt: 1))
        #expect(comparison.common == 3000)
        #expect(comparison.changes.count { $0.kind == .regression } == 300)
        let known = KnownFailures(comparison)
        let failures = Self.record(3000, failingAt: 1).results.filter { $0.verdict == .fail }
        #expect(failures.allSatisfy { !known.contains($0) })
        // A failure that passes now is known as well: the first run had it.
        #expect(known.contains(Self.record(1).results[0]) && !known.contains(Records.passed))
    }
}

@Suite struct `reading a record in one pass` {
    static func bytes(_ record: RunRecord) throws -> [UInt8] { Array(try RecordJSON().render(record).utf8) }

    @Test func `leaves out what samples observed where nobody wants it`() throws {
        var result = Records.failed
        result.observation = .object(["a": .array([.integer(1), .null])])
        let record = Records.record([result])
        #expect(try RecordJSON.read(try Self.bytes(record)) == record)
        let lean = try RecordJSON.read(try Self.bytes(record), keepsObservations: false)
        result.observation = nil
        #expect(lean == Records.record([result]))
    }

    /// The shape that is read fast must be the shape that is written.
    @Test func `knows every member that results have`() throws {
        #expect(JSONLayout.knowsAllMembers)
        var full = Records.failed
        (full.reason, full.need, full.needs) = (
            .oracle, .device("x"), [.option("CONFIG_BPF"), .kernel(KernelVersion(5, 10))]
        )
        (full.notReached, full.observation) = (["n"], .string("o"))
        full.attempts = [SampleResult.Attempt(verdict: .fail, reason: .oracle, message: "m", duration: 1.5)]
        for result in [full, Records.passed, Records.skipped] {
            var layout = JSONLayout(pretty: false)
            layout.result(result)
            var encoded = JSONLayout(pretty: false)
            encoded.value(try JSONValue(encoding: result))
            #expect(layout.bytes == encoded.bytes)
            let read = layout.bytes.withUnsafeBufferPointer { bytes in
                var parser = JSONParser(bytes)
                return try? parser.result(keepsObservation: true)
            }
            #expect(read == result)
        }
    }

    @Test(arguments: [
        (#""verdict" : "pass","#, #""verdict" : "pass", "verdict" : "fail","#, "duplicate key"),
        (#""held" : true,"#, #""held" : true, "held" : false,"#, "duplicate key"),
        (#""run" : {"#, #""summary" : 0, "run" : {"#, "duplicate key"),
        (#""claim" : "the"#, #""claim" : 7, "x" : "the"#, "results[0].checks[0].claim "),
        (#""duration_s" : 1.503"#, #""duration_s" : "1.503""#, "results[0].duration_s "),
        (#""expected" : "pass""#, #""expected" : null"#, "results[0].expected "),
    ])
    func `refuses what two readers would read in two ways`(text: String, changed: String, message: String) throws {
        var json = String(decoding: try Self.bytes(Records.record([Records.passed])), as: UTF8.self)
        json = json.replacing("\"verdict\" : \"pass\"\n", with: "\"verdict\" : \"pass\", \"later\" : 0\n")
        try #require(json.contains(text), "\(json)")
        json.replace(text, with: changed, maxReplacements: 1)
        let error = #expect(throws: RecordError.self) { try RecordJSON.read(Array(json.utf8)) }
        #expect(error.map { "\($0)" }?.contains(message) == true, "\(error.map { "\($0)" } ?? "")")
    }

    /// Results of two samples on many machines, whose checks begin alike and end otherwise.
    private static func repetitive() -> [SampleResult] {
        (0..<40).map { index in
            let claims = ["frames that came in on the first interface", "frames that went out on the second one"]
            var result = Records.result(
                "s/\(index)",
                .fail,
                .oracle,
                checks: claims.map { Check(claim: $0, expected: "980", observed: "980", held: true) }
                    + [Check(claim: "bytes", expected: "1", observed: "\(index / 4 % 2)", held: index / 4 % 2 == 1)]
            )
            result.needs = ["BPF_SYSCALL", "PACKET", "VETH", "INET", "NET_CLS_BPF", "KPROBE_EVENTS", "BPF_EVENTS"]
                .map { .option("CONFIG_\($0)_OF_A_LONG_NAME") }
            result.observation = .object(
                Dictionary(uniqueKeysWithValues: (0..<20).map { ("key\($0)", .integer(Int64(index / 8))) })
            )
            return result
        }
    }

    @Test(arguments: [true, false])
    func `keeps once what many results say in the same words, and nothing else for it`(observations: Bool) throws {
        let record = Records.record(Self.repetitive())
        let read = try RecordJSON.read(try Self.bytes(record), keepsObservations: observations)
        var wanted = record
        if !observations { for index in wanted.results.indices { wanted.results[index].observation = nil } }
        #expect(read == wanted)
        func places<Element>(_ list: (SampleResult) -> [Element]) -> Set<UnsafePointer<Element>?> {
            Set(read.results.map { list($0).withUnsafeBufferPointer(\.baseAddress) })
        }
        // One that begins alike takes the other's place, five times each.
        #expect(places(\.checks).count <= 10)
        #expect(places { $0.needs ?? [] }.count == 1)
    }

    @Test func `takes no bytes for known that differ in the last one`() throws {
        let json = String(decoding: try Self.bytes(Records.record(Self.repetitive())), as: UTF8.self)
        let lists = json.ranges(of: /"checks" : \[[^\]]*\]/).filter { json[$0].contains("claim") }
        try #require(lists.count == 40)
        for (damage, text) in [("]", "}"), ("\"held\"", "\"hold\"")] {
            // The second of four that are alike.
            let place = try #require(json[lists[1]].ranges(of: damage).last)
            var changed = json
            changed.replaceSubrange(place, with: text)
            #expect(throws: RecordError.self) { try RecordJSON.read(Array(changed.utf8)) }
        }
    }

    @Test func `takes members that a later version adds`() throws {
        let json = String(decoding: try Self.bytes(Records.all), as: UTF8.self)
            .replacing("\"claim\" :", with: "\"weight\" : 3, \"claim\" :")
            .replacing("\"control\" :", with: "\"later\" : {\"a\" : [1]}, \"control\" :")
        #expect(try RecordJSON.read(Array(json.utf8)) == Records.all)
    }

    @Test func `reads journals alike, whatever the order of their keys`() throws {
        let events = `a journal`.events
        let lines = try events.map { try JSONValue(encoding: $0) }
        let turned = lines.map { line -> String in
            let parts = ["version", "payload", "kind"].map { "\"\($0)\" : \(line[$0]?.text ?? "")" }
            return "{" + parts.joined(separator: ", ") + "}\n"
        }
        #expect(try JournalReader.read(Array(turned.joined().utf8)).events == events)
        let lean = try JournalReader.read(try `a journal`.bytes(), keepsObservations: false)
        #expect(lean.events == events)
    }
}
