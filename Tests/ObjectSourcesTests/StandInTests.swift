import ObjectSources
import SampleCatalog
import SampleKit
import SampleRun
import SystemPackage
import TestSupport
import Testing

/// Instructions that stand in for files that a tree rightly lacks.
struct StandInTests {
    private static let file = "samples/bpf/xdpsock_kern.c"

    @Test(arguments: [("6.1", false, 0), ("5.10", true, 1), ("5.10", false, 1), ("4.19", true, 0)])
    func `a tree of a release that has the sample must have its file`(release: String, has: Bool, count: Int)
        async throws
    {
        let scratch = try ScratchFolder()
        let parts = release.split(separator: ".")
        try scratch.write("Makefile", "VERSION = \(parts[0])\nPATCHLEVEL = \(parts[1])\nSUBLEVEL = 1\n")
        try scratch.write("include/uapi/linux/bpf.h", "")
        try scratch.write("samples/bpf/Makefile", "")
        if has { try scratch.write(Self.file, "int x;\n") }
        let toolchain = try await Toolchain(tree: scratch.path.string, clang: nil, types: nil)
        let entry = try #require(allSamples.first { $0.name == "xdpsock" })
        #expect(toolchain.sources(of: entry).count == count)
        #expect(toolchain.absence(of: entry) == nil)
        #expect(toolchain.lacking(of: [entry]) == (count == 0 ? [entry.id: .paths([])] : [:]))
    }
}
