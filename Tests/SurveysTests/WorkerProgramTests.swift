import SystemPackage
import TestSupport
import Testing

@testable import Surveys

/// Where the worker is looked for.
struct WorkerProgramTests {
    @Test func `a path that is named is the only one`() throws {
        let error = #expect(throws: WorkerProgram.Missing.self) {
            try WorkerProgram.find(named: "/nowhere/a", variable: "/bin/true", beside: "/bin/sh")
        }
        #expect(error?.tried == ["/nowhere/a"] && error?.description.contains("at '/nowhere/a';") == true)
    }

    @Test func `the variable comes before the folder of the program, and an empty one does not count`() throws {
        let scratch = try ScratchFolder()
        let worker = try scratch.write("assay-worker", "")
        let program = "\(scratch.path)/bpf-assay"
        #expect(try WorkerProgram.find(named: nil, variable: "/bin/sh", beside: program) == "/bin/sh")
        let error = #expect(throws: WorkerProgram.Missing.self) {
            try WorkerProgram.find(named: nil, variable: "", beside: program)
        }
        // It is there, and cannot be executed.
        #expect(error?.tried == [worker.string])
    }

    @Test func `without /proc the message says so`() {
        let error = #expect(throws: WorkerProgram.Missing.self) {
            try WorkerProgram.find(named: nil, variable: nil, beside: nil)
        }
        #expect(error?.description.contains("/proc") == true && error?.description.contains("BPF_ASSAY_WORKER") == true)
    }
}
