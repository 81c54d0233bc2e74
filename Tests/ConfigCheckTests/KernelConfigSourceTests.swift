import ConfigCheck
import SystemPackage
import TestSupport
import Testing

@Suite struct KernelConfigSourceTests {
    private func message(_ source: KernelConfigSource) -> String {
        do {
            return "read: \(try source.read().count)"
        } catch {
            return "\(error)"
        }
    }

    @Test func `a file is read plain or compressed whatever its name`() throws {
        let folder = try ScratchFolder()
        let text = Array("CONFIG_BPF=y\n".utf8)
        #expect(message(.file(try folder.write("a.gz", text))) == "read: 1")
        #expect(message(.file(try folder.write("a.config", try gzip(text)))) == "read: 1")
        try folder.write("linux/.config", text)
        #expect(message(.tree(folder.path.appending("linux"))) == "read: 1")
    }

    @Test func `a missing file is named and one with a name like it is suggested`() throws {
        let folder = try ScratchFolder()
        let file = folder.path.appending("config")
        #expect(message(.file(file)) == "reading the config '\(file)': no such file; check the path")
        try folder.write("config-6.1", "CONFIG_BPF=y\n")
        #expect(
            message(.file(file)) == "reading the config '\(file)': no such file; did you mean '\(file)-6.1'?"
        )
    }

    @Test func `a folder given as a file points to --tree if it is one`() throws {
        let folder = try ScratchFolder()
        let subject = "reading the config '\(folder.path)'"
        #expect(message(.file(folder.path)) == "\(subject): it is a folder; name a file in it")
        try folder.write(".config", "CONFIG_BPF=y\n")
        #expect(
            message(.file(folder.path))
                == "\(subject): it is a folder with a .config in it; use --tree for a kernel tree"
        )
    }

    @Test func `a tree without a config says how to get one`() throws {
        let folder = try ScratchFolder()
        #expect(
            message(.tree(folder.path))
                == "reading the config '\(folder.path)': the tree has no .config; run 'make defconfig' there, or use --config"
        )
        let file = try folder.write("file", "")
        #expect(message(.tree(file)) == "reading the config '\(file)': it is not a folder; use --config for a file")
        let nowhere = folder.path.appending("nowhere")
        #expect(message(.tree(nowhere)) == "reading the config '\(nowhere)': no such file; check the path")
    }

    @Test func `empty, damaged and torn files are told apart`() throws {
        let folder = try ScratchFolder()
        let compressed = try gzip(Array("CONFIG_BPF=y\n".utf8))
        let cases: [([UInt8], String?)] = [
            ([], "it holds no option; give a file with CONFIG_ lines"),
            (Array("# a comment\n".utf8), "it holds no option; give a file with CONFIG_ lines"),
            (Array(compressed.dropLast(5)), "its gzip data ends too early; copy it again"),
            (Array("CONFIG_BPF=y\nCONFIG_NE".utf8), nil),
            ([0, 0, 0], "line 1: expected 'CONFIG_X=…' or a comment, found '\\x00\\x00\\x00'"),
        ]
        for (bytes, cause) in cases {
            let file = try folder.write("config", bytes)
            // One bad line is a finding, more of them than of others is another file.
            #expect(message(.file(file)) == cause.map { "reading the config '\(file)': \($0)" } ?? "read: 1")
        }
    }

    @Test func `a device without an end is refused`() {
        #expect(
            message(.file("/dev/zero"))
                == "reading the config '/dev/zero': it is a device; name a file"
        )
    }

    @Test func `a release that is no file name is looked for nowhere`() {
        #expect(KernelConfigSource.candidates(for: RunningKernel(release: "../../etc", version: "")) == [.proc])
        #expect(KernelConfigSource.candidates(for: RunningKernel(release: "6.1", version: "")).count == 5)
    }
}
