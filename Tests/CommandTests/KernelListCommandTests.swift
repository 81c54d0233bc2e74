import Foundation
import Subprocess
import Testing

/// `run --kernel all`: which list it takes, and what it says where it cannot.
struct KernelListCommandTests {
    private func expectRefusal(
        _ arguments: [String],
        environment: [String: String] = ["BPF_ASSAY_KERNELS": ""],
        naming words: [String]
    ) async throws {
        let scratch = try Scratch()
        let run = try await CommandRun(
            ["run", "--results", "\(scratch.path)/results"] + arguments,
            environment: environment,
            folder: scratch.path
        )
        #expect(run.status == .exited(64) && run.output.isEmpty, "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        for word in words { #expect(run.errors.contains(word), "no '\(word)' in: \(run.errors)") }
        #expect(scratch.contents == [])
    }

    @Test func `without a list it is said where one is looked for`() async throws {
        try await expectRefusal(["--kernel", "all"], naming: ["--kernels", "BPF_ASSAY_KERNELS", "ci/kernels.json"])
    }

    @Test func `a list that was named is read, and one that is none refused`() async throws {
        let lists = try Scratch()
        let bad = try lists.file("bad.json", "{}")
        try await expectRefusal(["--kernel", "all", "--kernels", bad], naming: [bad, "no list of kernels"])
        // The list alone means all of it, and the variable does for the option.
        try await expectRefusal(["--kernels", bad], naming: [bad, "no list of kernels"])
        try await expectRefusal(["--kernel", "all"], environment: ["BPF_ASSAY_KERNELS": bad], naming: [bad])
        try await expectRefusal(["--kernels", "/nowhere/list"], naming: ["/nowhere/list", "ENOENT"])
    }

    @Test func `kernels that are not there are named, with the command that fetches them`() async throws {
        let lists = try Scratch()
        let list = try lists.file(
            "list.json",
            """
            {"schema": "bpf-assay/kernels/1", "images": "images", "fetch": "ci/kernel-image --all",
             "kernels": [{"name": "one", "package": "linux-image-1"}, {"name": "two", "package": "linux-image-2.*-x"}]}
            """
        )
        try await expectRefusal(
            ["--kernels", list],
            naming: ["one, two", "\(lists.path)/images", "'ci/kernel-image --all'"]
        )
    }

    @Test func `one config cannot be that of many kernels`() async throws {
        let run = try await CommandRun(["run", "--kernel", "all", "--config", "x"])
        #expect(run.status == .exited(64) && run.errors.contains("--config is of one kernel"))
    }
}
