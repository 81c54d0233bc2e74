import Reporting
import RunModel
import Testing

@Suite(
    .enabled(
        if: ForeignTool.kunit != nil || ForeignTool.isCI,
        "no kernel tree with tools/testing/kunit/kunit.py; set BPF_ASSAY_TREE"
    )
)
struct `kunit.py, of a check` {
    static func read(_ record: CheckRecord) async throws -> ForeignTool.Answer {
        try await #require(ForeignTool.kunit).read(CheckKTAP().render(record))
    }

    @Test func `takes a good check for one`() async throws {
        let answer = try await Self.read(CheckRecords.good)
        #expect(answer.code == 0, "\(answer.text)")
        #expect(answer.text.contains("program types and map types (1 subtest)"), "\(answer.text)")
        #expect(answer.text.contains("Ran 5 tests: passed: 5\n"), "\(answer.text)")
    }

    @Test func `counts every verdict and weight as the table says`() async throws {
        let answer = try await Self.read(CheckRecords.record(CheckRecords.pairs))
        #expect(answer.code == 1)
        #expect(answer.text.contains("Ran 28 tests: passed: 8, failed: 7, skipped: 13\n"), "\(answer.text.suffix(400))")
        #expect(!answer.text.contains("[ERROR]"), "\(answer.text)")
    }

    @Test(arguments: CheckRecords.hostileTexts)
    func `is not misled by hostile text`(text: String) async throws {
        let answer = try await Self.read(CheckRecords.hostile(text))
        #expect(!answer.text.contains("[ERROR]"), "\(answer.text.prefix(4000))")
        #expect(
            answer.text.contains("Ran 20 tests: passed: 8, failed: 8, skipped: 4\n"),
            "\(answer.text.suffix(300))"
        )
    }
}

@Suite(.enabled(if: ForeignTool.prove != nil || ForeignTool.isCI, "prove is not installed; it comes with perl"))
struct `prove, of a check` {
    static func read(_ record: CheckRecord) async throws -> ForeignTool.Answer {
        try await #require(ForeignTool.prove).read(CheckKTAP().render(record))
    }

    @Test func `takes a good check for one`() async throws {
        let answer = try await Self.read(CheckRecords.good)
        #expect(answer.code == 0 && answer.text.contains("Result: PASS"), "\(answer.text)")
    }

    @Test(arguments: CheckRecords.hostileTexts)
    func `counts the depths that went badly, whatever the text`(text: String) async throws {
        let answer = try await Self.read(CheckRecords.hostile(text))
        #expect(answer.text.contains("Failed 4/4 subtests"), "\(answer.text.suffix(600))")
        #expect(!answer.text.contains("Parse errors"), "\(answer.text.suffix(600))")
    }

    @Test func `does not pass a check that found nothing`() async throws {
        #expect(try await Self.read(CheckRecords.record([])).code == 1)
    }
}

@Suite(
    .enabled(
        if: ForeignTool.xmllint != nil || ForeignTool.isCI,
        "no xmllint or schema; install libxml2-utils, and set BPF_ASSAY_JUNIT_XSD to what ci/fetch-junit-schema prints"
    )
)
struct `xmllint, of a check` {
    @Test(arguments: CheckRecords.hostileTexts + ["CONFIG_A"])
    func `finds the report valid`(text: String) async throws {
        let empty = CheckRecord(source: "none", identity: .unknown, kernel: nil, profile: text, checks: [])
        let records = [CheckRecords.hostile(text), CheckRecords.good, CheckRecords.record(CheckRecords.pairs), empty]
        let reports = records.map { CheckJUnit().render($0) }
        let answer = try await #require(ForeignTool.xmllint).read(reports)
        #expect(answer.code == 0, "\(answer.text.prefix(2000))")
    }
}

@Suite(.enabled(if: ForeignTool.compiler != nil || ForeignTool.isCI, "no C compiler"))
struct `a C compiler` {
    static func read(_ header: String, uses: String = "") async throws -> ForeignTool.Answer {
        try await #require(ForeignTool.compiler).read(header + "\n" + uses + "\nint main(void) { return 0; }\n")
    }

    @Test func `takes the macros, twice, and what they say`() async throws {
        let header = CheckMacros().render(CheckRecords.record(CheckRecords.good.checks, probe: CheckRecords.probe))
        let uses = """
            #if !defined(HAVE_XDP_PROG_TYPE) || !defined(NO_HAVE_LIRC_MODE2_PROG_TYPE) || CONFIG_HZ != 250
            #error types
            #endif
            #if !HAVE_PROG_TYPE_HELPER(xdp, bpf_redirect) || HAVE_PROG_TYPE_HELPER(tracing, bpf_redirect)
            #error helpers
            #endif
            #if HAVE_PROG_TYPE_HELPER(xdp, bpf_get_func_ip) || HAVE_PROG_TYPE_HELPER(xdp, bpf_trace_printk)
            #error unknown helpers
            #endif
            """
        let answer = try await Self.read(header + header, uses: uses)
        #expect(answer.code == 0, "\(answer.text)")
    }

    @Test func `notices a macro that says something else`() async throws {
        var probe = CheckRecords.probe
        probe.helpers[0].supported.removeFirst()
        probe.helpers[0].absent.append("bpf_redirect")
        let header = CheckMacros().render(CheckRecords.record([], probe: probe))
        let answer = try await Self.read(
            header,
            uses: "#if !HAVE_PROG_TYPE_HELPER(xdp, bpf_redirect)\n#error no\n#endif"
        )
        #expect(answer.code != 0)
    }

    @Test(arguments: CheckRecords.hostileTexts + ["*/ #error forged /*", "??/", "a*/b", "X\\", "XDP */ int x; /*"])
    func `is not misled by hostile text`(text: String) async throws {
        let answer = try await Self.read(CheckMacros().render(CheckRecords.hostile(text)))
        #expect(answer.code == 0, "\(answer.text.prefix(2000))")
    }
}

@Suite(.enabled(if: ForeignTool.markdown != nil || ForeignTool.isCI, "cmark-gfm is not installed"))
struct `GitHub's renderer` {
    static func read(_ text: String) async throws -> String {
        let answer = try await #require(ForeignTool.markdown).read(text)
        #expect(answer.code == 0)
        return answer.text
    }

    static let texts: [String] =
        Records.hostileTexts.filter { $0.utf8.count < 4096 } + [
            "a | b", "`", "``|``", "\\|", "a\\", "|", "` | <script>alert(1)</script> | `", "![x](https://e.org/x.png)",
            "https://e.org/ www.e.org a@e.org", "</details>", "\u{301}`\u{301}|", "<!-- ", "&lt;b&gt;", "*a* _b_ ~~c~~",
            "\u{A0}a",
        ]

    @Test(arguments: texts)
    func `is not misled by hostile text`(text: String) async throws {
        let html = try await Self.read(CheckMarkdown().render(CheckRecords.hostile(text)))
        // Six tables: one row of 3 cells about the check, 20 findings of 7 cells in four tables, 5 rows of 6 of helpers.
        let (cells, rows) = (html.ranges(of: "<td>").count, html.ranges(of: "<tr>").count)
        #expect(cells == 173, "\(html)")
        #expect(rows == 32, "\(html)")
        for mark in ["<a ", "<img", "<script", "<em>", "<del>", "<strong>t"] {
            #expect(!html.contains(mark), "\(mark) in \(html)")
        }
        #expect(html.ranges(of: "<details>").count == 3 && html.ranges(of: "</details>").count == 3)
    }
}

@Suite(
    .enabled(
        if: ForeignTool.checkSchema != nil || ForeignTool.isCI,
        "no check-jsonschema; set BPF_ASSAY_CHECK_JSONSCHEMA to what ci/python-tools prints"
    )
)
struct `check-jsonschema, of a check` {
    static func read(_ records: [CheckRecord]) async throws -> ForeignTool.Answer {
        try await #require(ForeignTool.checkSchema).read(try records.map { try CheckJSON().render($0) })
    }

    @Test func `finds checks valid`() async throws {
        var bare = CheckRecords.good
        (bare.kernel, bare.options) = (nil, nil)
        let full = CheckRecords.record(CheckRecords.pairs, probe: CheckRecords.probe)
        let answer = try await Self.read([CheckRecords.good, bare, full, CheckRecords.record([])])
        #expect(answer.code == 0, "\(answer.text)")
    }

    @Test func `finds them valid with hostile text`() async throws {
        let answer = try await Self.read(CheckRecords.hostileTexts.map(CheckRecords.hostile))
        #expect(answer.code == 0, "\(answer.text.prefix(2000))")
    }

    @Test func `refuses another schema, and a word that is none`() async throws {
        var record = CheckRecords.good
        record.schema = "bpf-assay/check/2"
        #expect(try await Self.read([record]).code == 1)
        let text = try CheckJSON().render(CheckRecords.good).replacing("\"met\"", with: "\"maybe\"")
        #expect(try await #require(ForeignTool.checkSchema).read(text).code == 1)
    }
}
