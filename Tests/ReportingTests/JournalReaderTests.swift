import Reporting
import RunModel
import Testing

@Suite struct `a journal` {
    static let plan = [Records.passed, Records.failed].map { PlannedSample(sample: $0.sample, machine: $0.machine) }
    static let events: [RunEvent] = [
        .runStarted(Records.run(ended: nil), machines: [Records.machine], plan: plan),
        .sampleStarted(plan[0]), .sampleEnded(Records.passed),
        .sampleStarted(plan[1]), .sampleEnded(Records.failed),
        .runEnded(at: "2026-11-22T12:01:00Z", interrupted: false),
    ]

    static func bytes(_ events: [RunEvent] = events) throws -> [UInt8] {
        try events.flatMap { try JournalLine.bytes(of: $0) }
    }

    @Test func `is read as it was written`() throws {
        let journal = try JournalReader.read(try Self.bytes())
        #expect(journal.events == Self.events)
        #expect(journal.notes.isEmpty)
    }

    @Test func `cut anywhere loses no sample and passes none that did not end`() throws {
        let bytes = try Self.bytes()
        let start = try JournalLine.bytes(of: Self.events[0]).count
        let passedAt = try Self.bytes(Array(Self.events.prefix(3))).count
        for length in (start - 1)...bytes.count {
            let journal = try JournalReader.read(Array(bytes.prefix(length)))
            let record = try journal.record()
            try #require(record.results.map(\.sample) == Self.plan.map(\.sample))
            // The last newline may be missing: the object before it is whole.
            try #require(record.results[0].verdict == (length >= passedAt - 1 ? .pass : .miss))
            try #require(record.results[1].verdict != .pass)
            try #require(!journal.isTorn || length < bytes.count - 1)
        }
    }

    @Test func `cut within its first line is no journal`() throws {
        let first = try JournalLine.bytes(of: Self.events[0])
        for length in 0..<(first.count - 1) {
            #expect(throws: RecordError.self) { try JournalReader.read(Array(first.prefix(length))) }
        }
    }

    @Test func `tells of lines that it skipped`() throws {
        var bytes = try Self.bytes(Array(Self.events.prefix(3)))
        bytes += Array(#"{"kind":"weather","payload":7,"version":1}"#.utf8) + [10, 10]
        bytes += Array("\u{0}\u{0}\u{0}\n".utf8)
        bytes += Array(#"{"kind":"sample-ended","payload":{},"version":1}"#.utf8) + [10]
        bytes += Array(#"{"kind":"sample-en"#.utf8)
        let journal = try JournalReader.read(bytes)
        #expect(journal.events == Array(Self.events.prefix(3)))
        #expect(journal.unknownKinds == 1)
        #expect(journal.damagedLines == 2)
        #expect(journal.isTorn)
        #expect(journal.notes.count == 3)
    }

    @Test(arguments: [
        ("", "not a journal: it is empty"), ("\n\n", "not a journal: it is empty"),
        ("hello\n", "not a journal: line 1 is no event"),
        ("{}\n", "not a journal: line 1 is no event (it lacks 'version')"), ("[1]\n", "not a journal: line 1"),
        (
            #"{"version":2,"kind":"x"}"#,
            "journal from another version: it has version 2, and this bpf-assay reads version 1"
        ),
    ])
    func `is refused where it is none`(text: String, message: String) {
        let error = #expect(throws: RecordError.self) { try JournalReader.read(Array(text.utf8)) }
        #expect(error.map(String.init(describing:))?.hasPrefix(message) == true)
    }

    @Test func `without a start makes no record`() throws {
        let journal = try JournalReader.read(try Self.bytes(Array(Self.events.dropFirst())))
        #expect(throws: RecordError.noStart) { try journal.record() }
    }

    @Test func `and a record are told apart by what they hold`() throws {
        let journal = try RecordFile(try Self.bytes())
        #expect(journal.record.summary.pass == 1)
        let record = try RecordFile(Array(try RecordJSON().render(journal.record).utf8))
        #expect(record.record == journal.record)
        #expect(throws: RecordError.self) { try RecordFile(Array("<xml/>".utf8)) }
    }
}
