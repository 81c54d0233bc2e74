import RunModel
import Testing

@testable import KernBuild

struct CompilerReportTests {
    static let names = [("/out/headers/compat", "bpf-assay"), ("/out/headers/view/uapi", "include/uapi")]

    @Test(
        arguments: [
            ("samples/bpf/x.c:3:5: error: expected ';'\n  int a\n", CompilerReport.Culprit.tree),
            ("samples/bpf/x.c:1:10: fatal error: 'linux/no.h' file not found\n#include <linux/no.h>\n", .harness),
            ("samples/bpf/x.c:1:10: fatal error: 'hash.h' file not found\n#include \"hash.h\"\n", .tree),
            (
                "samples/bpf/x.c:1:10: fatal error: 'linux/no.h' file not found\n    1 | #include <linux/no.h>\n",
                .harness
            ),
            ("/out/headers/compat/linux/types.h:3:1: error: redefinition of 'u8'\n", .harness),
            ("/out/headers/view/uapi/linux/bpf.h:3:1: error: unknown type name '__user'\n", .harness),
            ("clang: error: unknown argument: '-fno-such'\n", .harness),
            ("error: unable to open output file '/out/x.o': 'No space left on device'\n", .harness),
            ("error: <unknown>:0:0: in function prog i32 (ptr): stack arguments are not supported\n", .tree),
            (
                "samples/bpf/x.c:9:1: error: implicit declaration of function 'foo' is invalid in C99 "
                    + "[-Werror,-Wimplicit-function-declaration]\n", .harness
            ),
        ]
    )
    func `the place of the first error tells whose it is`(output: String, culprit: CompilerReport.Culprit) {
        let report = CompilerReport(Array(output.utf8), dropped: 0, names: Self.names)
        #expect(report.culprit == culprit)
        #expect(report.lines.count == 1)
    }

    @Test func `excerpts go, paths shrink, and what was dropped is counted`() {
        let output = """
            In file included from samples/bpf/x.c:1:
            /out/headers/view/uapi/linux/bpf.h:7:1: warning: odd [-Wodd]
            int odd;
            ^
            samples/bpf/x.c:2:1: note: here
            1 warning generated.
            """
        let report = CompilerReport(Array(output.utf8), dropped: 12, names: Self.names)
        #expect(
            report.lines == [
                "include/uapi/linux/bpf.h:7:1: warning: odd [-Wodd]", "samples/bpf/x.c:2:1: note: here",
                "note: 12 more bytes of the compiler's output were not kept",
            ]
        )
        #expect(report.culprit == nil)
    }

    @Test func `words in no known form are kept`() {
        let report = CompilerReport([0xFF, 0x0A] + Array("cannot load libLLVM.so\n".utf8), dropped: 0, names: [])
        #expect(report.lines == ["\u{FFFD}", "cannot load libLLVM.so"])
    }
}
