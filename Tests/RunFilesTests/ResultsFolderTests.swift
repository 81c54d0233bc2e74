import FoundationEssentials
import RunFiles
import RunModel
import SystemPackage
import TestSupport
import Testing

/// The folder of a run on disk.
struct ResultsFolderTests {
    @Test func `the newest run is behind the link`() throws {
        let scratch = try ScratchFolder()
        let parent = "\(scratch.path)/results"
        let folder = try ResultsFolder(under: parent, started: Date(timeIntervalSince1970: 0))
        #expect(folder.runID.hasPrefix("19700101T000000Z-") && folder.note == nil)
        #expect(ResultsFolder.newest(under: parent) == "\(parent)/latest")
        _ = try JournalFile(in: folder)
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: "\(parent)/latest")
        #expect(link == folder.runID)
        // A second run in the same second by the same process would share a folder.
        #expect(throws: ResultsFolder.Unusable.self) {
            try ResultsFolder(under: parent, started: Date(timeIntervalSince1970: 0))
        }
    }

    @Test func `somebody's own file called latest stays, and the newest run is found by its name`() throws {
        let scratch = try ScratchFolder()
        try scratch.write("latest", "mine")
        let parent = scratch.path.string
        for second in [2.0, 1.0] {
            let folder = try ResultsFolder(under: parent, started: Date(timeIntervalSince1970: second))
            #expect(folder.note?.contains("is not a link") == true)
            _ = try JournalFile(in: folder)
        }
        #expect(ResultsFolder.newest(under: parent).hasPrefix("\(parent)/19700101T000002Z-"))
    }

    @Test func `a journal is never written over`() throws {
        let scratch = try ScratchFolder()
        let folder = try ResultsFolder(under: scratch.path.string, started: Date(timeIntervalSince1970: 0))
        let first = try JournalFile(in: folder)
        #expect(throws: (any Error).self) { try JournalFile(in: folder) }
        try first.append(.runEnded(at: "now", interrupted: false))
        let text = try String(contentsOfFile: "\(folder.path)/journal.jsonl", encoding: .utf8)
        #expect(text.hasSuffix("\n") && text.split(separator: "\n").count == 1)
    }

    @Test func `where nothing can be made the option is named`() {
        for parent in ["", "/proc"] {
            let error = #expect(throws: ResultsFolder.Unusable.self) {
                try ResultsFolder(under: parent, started: Date(timeIntervalSince1970: 0))
            }
            #expect(error?.description.contains("--results") == true)
        }
    }
}
