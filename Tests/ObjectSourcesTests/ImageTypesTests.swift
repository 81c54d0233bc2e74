import ObjectSources
import SystemPackage
import TestSupport
import Testing

/// Which file a kernel's types are taken from.
struct ImageTypesTests {
    @Test func `what libbpf reads itself is left to it, and so is what is not there`() throws {
        let scratch = try ScratchFolder()
        let files = [
            try scratch.write("elf", [0x7f, 0x45, 0x4c, 0x46]).string,
            try scratch.write("btf", [0x9f, 0xeb, 1, 0]).string,
            "/nowhere/vmlinux",
        ]
        for file in files { #expect(try ImageTypes(file).file(in: "\(scratch.path)/out", isWritten: true) == file) }
    }

    @Test func `anything else has to be an image with types`() throws {
        let scratch = try ScratchFolder()
        let file = try scratch.write("text", "hello, world").string
        let error = #expect(throws: ImageTypes.Unreadable.self) {
            try ImageTypes(file).file(in: "\(scratch.path)/out", isWritten: true)
        }
        #expect(error?.description.hasPrefix("reading the types of '\(file)': ") == true)
        #expect(throws: ImageTypes.Unreadable.self) {
            try ImageTypes(scratch.path.string).file(in: "\(scratch.path)/out", isWritten: true)
        }
    }
}
