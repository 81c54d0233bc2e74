import ObjectSources
import RunModel
import SampleRun
import Testing

/// What there is for samples after a build.
struct ToolchainTests {
    private func built(_ object: String, _ verdict: Verdict = .pass) -> BuildResult {
        BuildResult(sample: "s", object: object, verdict: verdict, command: "", diagnostics: [], duration: 0)
    }

    private func source(_ paths: [String], _ results: [BuildResult]) -> KernObjectSource? {
        Toolchain.sources(["a/s": paths], builtAs: results)["a/s"]
    }

    @Test func `a sample has its objects where all of them were built`() {
        guard case .paths(let paths) = source(["1.o", "2.o"], [built("2.o"), built("1.o"), built("3.o", .fail)]) else {
            Issue.record("not built")
            return
        }
        #expect(paths == ["1.o", "2.o"])
    }

    @Test func `one that was refused stands for all`() {
        guard case .refused(let result) = source(["1.o", "2.o"], [built("1.o"), built("2.o", .fail)]) else {
            Issue.record("not refused")
            return
        }
        #expect(result.object == "2.o")
    }

    @Test func `one that nothing built is named`() {
        guard case .absent(let reason) = source(["1.o"], []) else {
            Issue.record("it is there")
            return
        }
        #expect(reason.contains("'1.o'"))
    }
}
