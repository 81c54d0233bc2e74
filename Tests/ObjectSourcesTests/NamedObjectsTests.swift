import ObjectSources
import SampleCatalog
import SampleKit
import SampleRun
import SystemPackage
import TestSupport
import Testing

/// Folders of objects that somebody built before.
struct NamedObjectsTests {
    private func entry(_ name: String) throws -> CatalogEntry { try #require(allSamples.first { $0.name == name }) }

    @Test func `what is no folder is refused with its cause`() throws {
        let scratch = try ScratchFolder()
        let file = try scratch.write("file", "").string
        for path in [file, "\(file)/x", "/nowhere"] {
            let error = #expect(throws: NamedObjects.Unreadable.self) { try NamedObjects(folder: path) }
            #expect(error?.description.contains("'\(path)'") == true)
            #expect(error?.description.hasSuffix("with --objects") == true)
        }
    }

    @Test func `an object that is not there is told by the names that it could have`() throws {
        let scratch = try ScratchFolder()
        let named = try NamedObjects(folder: scratch.path.string)
        guard case .absent(let reason) = named.source(of: try entry("sockex1")) else {
            Issue.record("it is there")
            return
        }
        #expect(reason.contains("\(scratch.path)/sockex1_kern.o"), "\(reason)")
        #expect(named.absence(of: try entry("sockex1")) == nil)
    }

    @Test func `a file that is no object is not handed to the kernel`() throws {
        let scratch = try ScratchFolder()
        try scratch.write("sockex1_kern.o", "hello")
        let named = try NamedObjects(folder: scratch.path.string)
        guard case .absent(let reason) = named.source(of: try entry("sockex1")) else {
            Issue.record("it is taken")
            return
        }
        #expect(reason.contains("sockex1_kern.o': it is no ELF file"), "\(reason)")
    }
}
