import ObjectChecks
import RunModel
import SystemPackage
import TestSupport
import Testing

/// What is said of files that are no objects, before anything is loaded or booted.
struct ObjectFileTests {
    @Test func `a file that is no object is named, whatever it is checked for`() throws {
        let scratch = try ScratchFolder()
        let text = try scratch.write("text.o", "hello").string
        for path in [text, "/nowhere/x.o", scratch.path.string] {
            let words = "reading object '\(path)': "
            let needs = #expect(throws: UnreadableObject.self) { try NeedsCheck(of: [path]) }
            #expect(needs?.description.hasPrefix(words) == true)
            let load = #expect(throws: UnreadableObject.self) {
                try LoadCheck(of: [path], interruption: { -1 }, say: { _ in })
            }
            #expect(load?.description == needs?.description)
        }
    }

    @Test func `the first bad file of several is the one that is named`() throws {
        let scratch = try ScratchFolder()
        let (one, two) = (try scratch.write("1.o", "x").string, try scratch.write("2.o", "y").string)
        let error = #expect(throws: UnreadableObject.self) { try NeedsCheck(of: [one, two]) }
        #expect(error?.path == one)
    }

    @Test func `a kernel without types cannot be matched against`() throws {
        let scratch = try ScratchFolder()
        let kernel = try scratch.write("kernel", "MZ").string
        let check = try FitCheck(of: [])
        let error = #expect(throws: TargetKernel.Unreadable.self) {
            try check.table(on: [kernel], config: nil, version: nil)
        }
        #expect(error?.path == kernel)
    }

    @Test func `nothing is judged where there is nothing`() throws {
        let check = try NeedsCheck(of: [])
        #expect(check.text.isEmpty && check.json.isEmpty)
        #expect(check.report(on: nil, version: nil).conclusion == .met)
    }
}
