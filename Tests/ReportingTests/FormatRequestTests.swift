import FileBytes
import Glibc
import Reporting
import Testing

@Suite struct `uses of --format` {
    static func plan(_ texts: [String], fallback: String? = "text") throws -> FormatPlan {
        try FormatPlan(texts.map { try #require(FormatRequest($0)) }, fallback: fallback)
    }

    @Test func `name a format, and perhaps a file`() throws {
        #expect(FormatRequest("junit")?.file == nil)
        #expect(FormatRequest("junit=out=1.xml").map { [$0.name, $0.file] } == ["junit", "out=1.xml"])
        for text in ["", "=", "=x"] { #expect(FormatRequest(text) == nil) }
        let request = try #require(FormatRequest("junit="))
        #expect(throws: FormatPlan.Conflict.noFile("junit")) { try FormatPlan([request], fallback: "text") }
    }

    @Test func `leave text on standard output unless another format is for it`() throws {
        #expect(try Self.plan([]).printed == "text")
        #expect(try Self.plan(["junit=a", "html=b"]).printed == "text")
        #expect(try Self.plan(["junit=a", "json"]).printed == "json")
        #expect(try Self.plan(["junit=a", "html=b"]).files.map(\.file) == ["a", "b"])
        #expect(try Self.plan(["junit=a"], fallback: nil).printed == nil)
    }

    @Test func `never share a place`() {
        #expect(throws: FormatPlan.Conflict.printed("text", "json")) { try Self.plan(["text", "json"]) }
        #expect(throws: FormatPlan.Conflict.file("a")) { try Self.plan(["junit=a", "json=a"]) }
    }
}

@Suite struct `a file that is going to be written` {
    @Test func `is known to be impossible before`() throws {
        let folder = "/tmp/bpf-assay-format-\(getpid())"
        mkdir(folder, 0o755)
        defer { rmdir(folder) }
        #expect(throws: FileWriteError("open", folder, code: EISDIR)) { try AtomicFile.check(folder) }
        #expect(throws: FileWriteError("open", "\(folder)/no/x", code: ENOENT)) {
            try AtomicFile.check("\(folder)/no/x")
        }
        #expect(throws: Never.self) { try AtomicFile.check("\(folder)/x") }
        #expect(throws: Never.self) { try AtomicFile.check("/dev/full") }
        #expect(access("\(folder)/x", F_OK) != 0)
    }

    @Test func `stays as it was where its contents cannot be made`() throws {
        struct Refusal: Error {}
        let path = "/tmp/bpf-assay-format-\(getpid()).txt"
        defer { unlink(path) }
        try AtomicFile.stream(to: path) { $0.put("old") }
        #expect(throws: Refusal.self) {
            try AtomicFile.stream(to: path) { sink in
                sink.put(String(repeating: "x", count: 1 << 20))
                throw Refusal()
            }
        }
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_size == 3)
        #expect(throws: FileWriteError("write", "/dev/full", code: ENOSPC)) {
            try AtomicFile.stream(to: "/dev/full") { $0.put("x") }
        }
    }

    @Test func `a file of its own takes the format that has none, and text is printed beside it`() throws {
        func plan(_ texts: [String]) throws -> FormatPlan {
            try FormatPlan(texts.map { try #require(FormatRequest($0)) }, fallback: "text", output: "o")
        }
        let one = try plan(["junit", "json=j"])
        #expect(one.printed == "text")
        #expect(one.files.map { "\($0.name)=\($0.file ?? "")" } == ["json=j", "junit=o"])
        #expect(try plan([]).files.map(\.name) == ["text"])
        #expect(throws: FormatPlan.Conflict.file("o")) { try plan(["junit", "ktap=o"]) }
    }
}
