import Foundation
import RunModel
import SystemPackage
import Testing

@testable import KernBuild

struct KernelTreeTests {
    @Test(
        arguments: [
            ("VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 192\n", KernelVersion(6, 1, 192)),
            ("VERSION=6\nPATCHLEVEL=12\nSUBLEVEL=0", KernelVersion(6, 12)),
            ("\tVERSION\t=\t7\r\nPATCHLEVEL = 2 # really\r\nSUBLEVEL = 0\r\n", KernelVersion(7, 2)),
            ("VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 2\nVERSION = 9\n", KernelVersion(6, 1, 2)),
            (
                "KERNELVERSION = 1.2.3\nMY VERSION = 4\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 2\n",
                KernelVersion(6, 1, 2)
            ),
        ]
    )
    func `a version is read from the Makefile`(text: String, version: KernelVersion) {
        #expect(KernelVersion(makefile: text) == version)
    }

    @Test(
        arguments: [
            "", "\u{0}\u{0}", "all:\n\techo hello\n", "VERSION = 6\nPATCHLEVEL = 1\n",
            "VERSION = 99999999999999999999\nPATCHLEVEL = 1\nSUBLEVEL = 2",
            "VERSION = -6\nPATCHLEVEL = 1\nSUBLEVEL = 2",
            "VERSION = $(shell reboot)\nPATCHLEVEL = 1\nSUBLEVEL = 2", "VERSION = ٦\nPATCHLEVEL = 1\nSUBLEVEL = 2",
            "# VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 2", "VERSION = 6 1\nPATCHLEVEL = 1\nSUBLEVEL = 2",
            "VERSION = x\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 2", "VERSION ?= 6\nPATCHLEVEL = 1\nSUBLEVEL = 2",
            "=\n==\n = \nVERSION =\nPATCHLEVEL =\nSUBLEVEL =\n",
        ]
    )
    func `a Makefile of something else has no version`(text: String) {
        #expect(KernelVersion(makefile: text) == nil)
    }

    @Test func `a tree may be named in many ways`() throws {
        let mini = try MiniTree("with 'quotes' and \"blanks\"")
        let tree = try mini.tree()
        #expect(tree.version == KernelVersion(6, 1, 192))
        #expect(try KernelTree(at: mini.folder.path + "/") == tree)
        #expect(try KernelTree(at: mini.folder.path + "//.") == tree)
        let link = mini.root.appending(path: "link")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: mini.folder)
        #expect(try KernelTree(at: link.path).path == FilePath(link.path))
        #expect(tree.contains(KernSource(sample: "mini/good", path: "samples/bpf/good.c")))
        #expect(!tree.contains(KernSource(sample: "mini/other", path: "samples/bpf/other.c")))
        #expect(!tree.contains(KernSource(sample: "mini/up", path: "samples/../samples/bpf/good.c")))
    }

    @Test func `a relative path is taken from the working folder`() throws {
        let mini = try MiniTree()
        let up = String(repeating: "../", count: FileManager.default.currentDirectoryPath.split(separator: "/").count)
        let tree = try KernelTree(at: up + mini.folder.path.dropFirst())
        #expect(tree.path.isAbsolute)
        #expect(tree.contains(KernSource(sample: "mini/good", path: "samples/bpf/good.c")))
    }

    /// What is done to a good tree, and the words that the error must have.
    static let damages: [(String, @Sendable (URL) throws -> Void, String)] = [
        ("gone", { try FileManager.default.removeItem(at: $0) }, "no such file or directory; unpack"),
        (
            "an archive",
            {
                try FileManager.default.removeItem(at: $0)
                try Data("xz".utf8).write(to: $0)
            }, "it is not a directory; unpack"
        ),
        (
            "no Makefile", { try FileManager.default.removeItem(at: $0.appending(path: "Makefile")) },
            "it has no Makefile"
        ),
        (
            "foreign Makefile", { try Data("all:\n".utf8).write(to: $0.appending(path: "Makefile")) },
            "is no kernel tree: its Makefile"
        ),
        (
            "Makefile is a FIFO",
            {
                try FileManager.default.removeItem(at: $0.appending(path: "Makefile"))
                #expect(mkfifo($0.appending(path: "Makefile").path, 0o600) == 0)
            }, "cannot read"
        ),
        (
            "headers only", { try FileManager.default.removeItem(at: $0.appending(path: "samples")) },
            "has no samples/bpf"
        ),
        (
            "samples only", { try FileManager.default.removeItem(at: $0.appending(path: "include")) },
            "has no include/uapi"
        ),
    ]

    @Test(arguments: Self.damages.indices)
    func `a folder that is no tree gets one clear line`(index: Int) throws {
        let (_, damage, words) = Self.damages[index]
        let mini = try MiniTree()
        try damage(mini.folder)
        let path = mini.folder.path
        let error = #expect(throws: KernelTreeError.self) { try KernelTree(at: path) }
        let text = try #require(error).description
        #expect(text.contains(words))
        #expect(text.contains(path))
        #expect(!text.contains("\n") && !text.hasSuffix("."))
    }

    @Test func `discovery takes the newest tree and says what it tried`() throws {
        let mini = try MiniTree()
        let files = FileManager.default
        let root = mini.root.appending(path: "root")
        let none = #expect(throws: KernelTreeError.self) {
            try KernelTree.discover(environment: [:], release: "6.1.0-1-amd64", root: root.path)
        }
        for place in [
            "$BPF_ASSAY_TREE", "usr/src/linux-source-*", "lib/modules/6.1.0-1-amd64/source", "6.1.0-1-amd64/build",
        ] {
            #expect(try #require(none).description.contains(place))
        }
        let sources = root.appending(path: "usr/src")
        try files.createDirectory(at: sources, withIntermediateDirectories: true)
        try Data().write(to: sources.appending(path: "linux-source-9.9.tar.xz"))
        for (name, minor) in [("linux-source-6.9", 9), ("linux-source-6.12", 12)] {
            let copy = sources.appending(path: name)
            try files.copyItem(at: mini.folder, to: copy)
            try Data("VERSION = 6\nPATCHLEVEL = \(minor)\nSUBLEVEL = 0\n".utf8).write(
                to: copy.appending(path: "Makefile")
            )
        }
        let newest = try KernelTree.discover(environment: [:], release: "none", root: root.path)
        #expect(newest.version == KernelVersion(6, 12))
        let named = try KernelTree.discover(
            environment: ["BPF_ASSAY_TREE": mini.folder.path],
            release: "none",
            root: root.path
        )
        #expect(try named == mini.tree())
        #expect(throws: KernelTreeError.notFound("/nowhere")) {
            try KernelTree.discover(environment: ["BPF_ASSAY_TREE": "/nowhere"], release: "none", root: root.path)
        }
    }
}
