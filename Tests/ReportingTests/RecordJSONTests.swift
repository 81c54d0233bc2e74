import Reporting
import RunModel
import Testing

@Suite struct `the record as JSON` {
    @Test func `has sorted keys and ends its last line`() throws {
        let text = try RecordJSON().render(Records.record([]))
        #expect(text.hasPrefix("{\n  \"builds\" : ["))
        #expect(text.hasSuffix("\n}\n"))
        #expect(text.contains("\"source\" : \"/boot/config-6.1.192\""))
    }

    @Test func `gives the same bytes for the same record, and the record back`() throws {
        let text = try RecordJSON().render(Records.all)
        #expect(try RecordJSON().render(Records.all) == text)
        let again = try RecordJSON.read(Array(text.utf8))
        #expect(again == Records.all)
        #expect(try RecordJSON().render(again) == text)
    }

    @Test(arguments: Records.hostileTexts)
    func `gives hostile texts back as they were`(text: String) throws {
        let record = Records.hostile(text)
        #expect(try RecordJSON.read(Array(try RecordJSON().render(record).utf8)) == record)
    }

    /// What the first version wrote: no options of machines, no needs of results, findings of no machine.
    static let first = #"""
        {"schema": "bpf-assay/record/1",
         "run": {"id": "r", "started": "s", "tool": "t", "command": ["c"]},
         "machines": [{"id": "host", "kernel": {"release": "6.1", "version": "v", "arch": "x86_64"},
                       "config": {"source": "none", "identity": "unknown"}}],
         "checks": [{"feature": "CONFIG_BPF", "level": "config", "verdict": "met", "evidence": []}],
         "builds": [],
         "results": [{"sample": "xdp/xdp1", "variant": "native", "machine": "host", "verdict": "pass", "message": "",
                      "details": [], "expected": "pass", "checks": [], "not_reached": [], "control": "refused",
                      "leaks": [], "attempts": [], "duration_s": 0.5}],
         "summary": {"pass": 1, "fail": 0, "error": 0, "miss": 0, "skip": 0}}
        """#

    @Test func `of the first version is read`() throws {
        let record = try RecordJSON.read(Array(Self.first.utf8))
        #expect(record.machines.map(\.options) == [nil] && record.results.map(\.needs) == [nil])
        #expect(record.checks(of: "host").map(\.feature) == ["CONFIG_BPF"])
    }

    @Test(arguments: [
        ("", "not a record: it is empty"),
        ("[]", "not a record: "), ("not json", "not a record: "), ("{", "not a record: "), ("\u{0}", "not a record: "),
        ("{}", "not a record: it lacks 'schema'"),
        (#"{"schema":7}"#, "not a record: schema is not a string"),
        (#"{"schema":"cyclonedx"}"#, "not a record: its schema is 'cyclonedx', not 'bpf-assay/record/1'"),
        (
            #"{"schema":"bpf-assay/record/2"}"#,
            "record from another version: its schema is 'bpf-assay/record/2', and this bpf-assay reads "
                + "'bpf-assay/record/1'; use the bpf-assay that wrote it"
        ),
        (#"{"schema":"bpf-assay/record/1"}"#, "not a record: it lacks 'run'"),
    ])
    func `refuses anything else in one clear line`(text: String, message: String) {
        let error = #expect(throws: RecordError.self) { try RecordJSON.read(Array(text.utf8)) }
        let found = error.map(String.init(describing:)) ?? ""
        #expect(found.hasPrefix(message))
        #expect(!found.contains("\n"))
    }

    @Test func `refuses a summary that does not count its results`() throws {
        var record = Records.good
        record.summary.pass += 1
        let bytes = Array(try RecordJSON().render(record).utf8)
        #expect(throws: RecordError.summaryDiffers) { try RecordJSON.read(bytes) }
    }

    @Test func `names the place of a word it does not know`() throws {
        let text = try RecordJSON().render(Records.good).replacing(
            "\"verdict\" : \"skip\"",
            with: "\"verdict\" : \"maybe\""
        )
        let error = #expect(throws: RecordError.self) { try RecordJSON.read(Array(text.utf8)) }
        #expect(
            error.map(String.init(describing:))?.contains("results[1].verdict has a value that is not known here")
                == true
        )
    }

    @Test func `cannot be made of a duration that is no number`() {
        var result = Records.passed
        result.duration = .nan
        let error = #expect(throws: RecordError.self) { try RecordJSON().render(Records.record([result])) }
        #expect(error.map(String.init(describing:)) == "writing JSON: results[0].duration_s cannot be nan")
    }
}
