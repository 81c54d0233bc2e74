import KernBuild
import ObjectSources
import RunModel
import SystemPackage
import TestSupport
import Testing

/// A look into what a build made.
struct ObjectInspectionTests {
    private func result(_ verdict: Verdict, _ object: String) -> BuildResult {
        BuildResult(sample: "s", object: object, verdict: verdict, command: "", diagnostics: [], duration: 0)
    }

    @Test func `an object that is none turns a pass into an error of ours`() throws {
        let scratch = try ScratchFolder()
        for path in [try scratch.write("x.o", "hello").string, "/nowhere/x.o"] {
            let after = try #require(ObjectInspection([result(.pass, path)]).results.first)
            #expect(after.verdict == .error && after.fault == .harness)
            #expect(after.cause?.hasPrefix("its object cannot be read: ") == true)
        }
    }

    @Test func `what failed is not looked at`() {
        let before = [result(.fail, "/nowhere"), result(.error, "/nowhere")]
        #expect(ObjectInspection(before).results == before)
    }
}
