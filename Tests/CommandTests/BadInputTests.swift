import Foundation
import Subprocess
import Testing

/// What bad input gets: one clear line, the right exit code, nothing half-written.
struct BadInputTests {
    private func expectOneLine(_ run: CommandRun, _ status: Int32, naming words: [String]) {
        #expect(run.status == .exited(status), "\(run.errors)")
        #expect(run.output.isEmpty)
        let lines = run.errors.split(separator: "\n")
        #expect(lines.count == 1, "\(run.errors)")
        for word in words { #expect(run.errors.contains(word), "no '\(word)' in: \(run.errors)") }
    }

    @Test(arguments: ["run", "build"])
    func `a folder that is no kernel tree`(command: String) async throws {
        let scratch = try Scratch()
        let folder = try scratch.folder("empty")
        let place = command == "run" ? "--results" : "--out"
        let run = try await CommandRun([command, "--tree", folder, place, "\(scratch.path)/out"] + dry(command))
        expectOneLine(run, 64, naming: [folder, "kernel tree"])
        #expect(scratch.contents == ["empty"])
    }

    @Test(arguments: ["run", "build"])
    func `a tree without samples`(command: String) async throws {
        let scratch = try Scratch()
        let folder = try scratch.folder("tree")
        _ = try scratch.file("tree/Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\n")
        let place = command == "run" ? "--results" : "--out"
        let run = try await CommandRun([command, "--tree", folder, place, "\(scratch.path)/out"] + dry(command))
        expectOneLine(run, 64, naming: [folder, "samples/bpf"])
        #expect(scratch.contents == ["tree", "tree/Makefile"])
    }

    /// As a user without rights nothing would be built; what would be is what a dry run plans.
    private func dry(_ command: String) -> [String] {
        command == "run" && getuid() != 0 ? ["--dry-run"] : []
    }

    @Test func `types that are asked of a file without any`() async throws {
        let scratch = try Scratch()
        let tree = try scratch.folder("tree/samples/bpf")
        _ = try scratch.folder("tree/include/uapi")
        _ = try scratch.file("tree/Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\n")
        _ = try scratch.file("tree/samples/bpf/x_kern.c", "int x;\n")
        let image = try scratch.file("image", "this is no kernel\n")
        let run = try await CommandRun([
            "build", "--tree", "\(scratch.path)/tree", "--out", "\(scratch.path)/out", "--btf", image,
        ])
        #expect(run.status == .exited(64), "\(run.errors)")
        #expect(run.errors.contains("'\(image)'") && run.errors.contains("no kernel image"), "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(scratch.path)/out"))
        _ = tree
        let missing = try await CommandRun(["build", "--against", "\(scratch.path)/nothing"])
        #expect(missing.status == .exited(64) && missing.errors.contains("nothing"), "\(missing.errors)")
    }

    @Test(arguments: ["run", "build", "list", "describe"])
    func `a sample that does not exist gets the nearest name`(command: String) async throws {
        let names = command == "run" || command == "build" ? ["--sample", "sockx1"] : ["sockx1"]
        expectOneLine(try await CommandRun([command] + names), 64, naming: ["'sockx1'", "'sockex1'"])
    }

    @Test func `a torn config`() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("config", "# Automatically generated\nCONFIG_BPF=y\nCONFIG_X=\"abc")
        let run = try await CommandRun(["check", "--config", file])
        #expect(run.status == .exited(3))
        #expect(run.words.contains("the file is cut short at"))
        #expect(!run.output.contains("unmet"))
    }

    @Test func `a file with more bad lines than options`() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("config", "CONFIG_BPF=y\n404:\nNot Found\n")
        expectOneLine(try await CommandRun(["check", "--config", file]), 64, naming: [file, "line 2"])
    }

    @Test func `a gz that cannot be read`() async throws {
        let scratch = try Scratch()
        let file = "\(scratch.path)/config.gz"
        try Data([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b]).write(to: URL(fileURLWithPath: file))
        expectOneLine(try await CommandRun(["check", "--config", file]), 64, naming: [file])
    }

    @Test(arguments: ["--config", "--profile"])
    func `a config or profile that is not there`(option: String) async throws {
        expectOneLine(try await CommandRun(["check", option, "/nowhere/config"]), 64, naming: ["/nowhere/config"])
    }

    @Test func `a compiler that is not there`() async throws {
        let scratch = try Scratch()
        let run = try await CommandRun(["build", "--clang", "/nowhere/clang", "--out", "\(scratch.path)/out"])
        expectOneLine(run, 69, naming: ["/nowhere/clang"])
        #expect(scratch.contents == [])
    }

    @Test func `no compiler at all`() async throws {
        let scratch = try Scratch()
        let run = try await CommandRun(
            ["build", "--out", "\(scratch.path)/out"],
            environment: ["PATH": scratch.path, "CLANG": ""]
        )
        expectOneLine(run, 69, naming: ["clang", "--clang"])
    }

    @Test func `a record that is none`() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("record.json", "{\"schema\": \"another\"}")
        expectOneLine(try await CommandRun(["report", file]), 64, naming: [file])
    }

    @Test(arguments: [["run", "--jobs", "0"], ["run", "--repeat", "0"], ["build", "--jobs", "-1"], ["frobnicate"]])
    func `a command line that means nothing`(arguments: [String]) async throws {
        let run = try await CommandRun(arguments)
        #expect(run.status == .exited(64))
        #expect(run.errors.contains("Usage:"))
    }
}

/// What a caller without rights can do, and what running says to him.
struct UnprivilegedTests {
    @Test func `checking a file, listing and building ask for no rights`() async throws {
        let scratch = try Scratch()
        let config = try scratch.file("config", "CONFIG_BPF_SYSCALL=y\n")
        let profile = try scratch.file("profile", "CONFIG_BPF_SYSCALL=y\n")
        let check = try await CommandRun(["check", "--config", config, "--profile", profile], asNobody: true)
        #expect(check.status == .exited(0), "\(check.errors)")
        let list = try await CommandRun(["list"], asNobody: true)
        #expect(list.status == .exited(0) && list.output.contains("sockex1"))
        let build = try await CommandRun(["build", "-j1", "--out", "\(scratch.path)/objects"], asNobody: true)
        #expect(build.status == .exited(0), "\(build.errors)")
        #expect(build.output.contains(" built, 0 failed"))
    }

    @Test func `running skips every sample and says what is missing`() async throws {
        let scratch = try Scratch()
        let run = try await CommandRun(["run", "--results", "\(scratch.path)/results"], asNobody: true)
        #expect(run.status == .exited(4), "\(run.errors)")
        #expect(run.output.contains("CAP_BPF"))
        #expect(run.output.hasSuffix("skipped\n"))
        #expect(run.output.contains("0 passed, 0 failed"))
    }
}

/// What a person who looks around sees.
struct HelpTests {
    @Test(arguments: ["run", "check", "build", "list", "describe", "report", "compare"])
    func `every subcommand explains itself with an example`(command: String) async throws {
        let run = try await CommandRun([command, "--help"])
        #expect(run.status == .exited(0))
        #expect(run.output.lowercased().contains("example"), "\(run.output)")
        #expect(run.output.contains("bpf-assay \(command)"))
    }

    @Test func `a dry run prints the plan and the commands, and touches nothing`() async throws {
        let scratch = try Scratch()
        let run = try await CommandRun(["run", "--dry-run", "--results", "\(scratch.path)/results"])
        #expect(run.status == .exited(0), "\(run.errors)")
        #expect(run.output.contains("networking/sockex1"))
        #expect(scratch.contents == [])
        if getuid() == 0 { #expect(run.output.contains("-target bpf")) }
    }

    @Test func `a description names the oracle and the needs`() async throws {
        let run = try await CommandRun(["describe", "sockex1"])
        #expect(run.output.contains("980") && run.output.contains("CONFIG_BPF_SYSCALL"))
    }
}
