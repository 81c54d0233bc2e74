import FileBytes
import RunFiles
import SystemPackage
import TestSupport
import Testing

/// What `report` and `compare` read.
struct RecordInputTests {
    @Test func `a folder is its record, or else its journal`() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.path.string
        #expect(throws: RecordInput.Problem.folderWithoutRecord) { try RecordInput.read(folder) }
        try scratch.write("journal.jsonl", "journal")
        #expect(try RecordInput.read(folder) == Array("journal".utf8))
        try scratch.write("record.json", "record")
        #expect(try RecordInput.read(folder) == Array("record".utf8))
        #expect(try RecordInput.read("\(folder)/journal.jsonl") == Array("journal".utf8))
    }

    @Test func `what is not there is told by its cause`() {
        let error = #expect(throws: RecordInput.Problem.self) { try RecordInput.read("/nowhere/x") }
        #expect(error?.description.contains("ENOENT") == true)
    }

    @Test(arguments: ["", "{}", "{\"schema\": \"bpf-assay/check/1\"}"])
    func `a baseline that is no record of a run is refused`(text: String) throws {
        let scratch = try ScratchFolder()
        let file = try scratch.write("x", text).string
        let error = #expect(throws: Baseline.Refused.self) { try Baseline(file) }
        #expect(error?.description.hasPrefix("reading the baseline '\(file)': ") == true)
    }
}
