public import ArgumentParser
import CommandInput
import Foundation
public import KernBuild
import KernTools
import ObjectChecks
import ObjectSources
import RunModel
import SampleRun

/// `bpf-assay build`: kern objects out of a kernel tree.
struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Compile the kern objects of a kernel tree's samples/bpf.",
        discussion: helpText(
            """
            Build every kern source of the tree, also those of samples that bpf-assay cannot run. The tree needs neither a \
            configuration nor make; nothing in it is executed, and nothing is written to it. Without --tree, use \
            $BPF_ASSAY_TREE, else the newest /usr/src/linux-source-*, else the source link of the running kernel.

            Objects are cached in --out (or --cache) by the contents of all files that the compiler read. A second build \
            compiles only what changed. One compiler may take \(limits.time.components.seconds) s and \(limits.memory >> 30) GB \
            of memory; one that takes more is stopped, and its object is an error.
            """,
            examples: """
                bpf-assay build --tree linux-6.12 --out objects
                bpf-assay build xdp1 tracex3 --dry-run
                bpf-assay build 'xdp*' '!xdp2*' --quiet
                bpf-assay build --clang /usr/bin/clang-16 --format json > builds.json
                bpf-assay build --btf vmlinuz-6.12 --against vmlinuz-6.1
                bpf-assay build --headers kernel --out reference
                bpf-assay build --out objects --compile-commands
                bpf-assay build --out objects --clean
                """,
            exits: .build
        )
    )

    /// What one compiler may use up.
    private static let limits = (time: BuildExecutor().timeout, memory: BuildExecutor().memory)

    @Option(help: ArgumentHelp("Build from this kernel source tree.", valueName: "folder"))
    var tree: String?

    @Option(help: ArgumentHelp("Write the objects here.", valueName: "folder"))
    var out = "bpf-assay-objects"

    @Option(help: ArgumentHelp("Compile with this clang; default: $CLANG, else clang in PATH.", valueName: "path"))
    var clang: String?

    @Option(
        name: [.long, .customShort("j", allowingJoined: true)],
        parsing: .unconditional,
        help: ArgumentHelp("Run COUNT compilers at once; default: one per processor.", valueName: "count")
    )
    var jobs: Int?

    @Option(
        name: .customLong("sample"),
        help: ArgumentHelp("Same as the argument; may be repeated.", valueName: "sample")
    )
    var samples: [String] = []

    @Argument(
        help: ArgumentHelp(
            "Build only these, of the catalogue or of the tree: names, or patterns such as 'xdp*'; '!SAMPLE' leaves samples out.",
            valueName: "sample"
        )
    )
    var names: [String] = []

    @OptionGroup var talk: TalkOptions

    @Option(help: "Build for kernels of this architecture: \(BuildCommand.architectures).")
    var arch = TargetArchitecture.host

    @Option(help: ArgumentHelp("Generate vmlinux.h from this BTF: a kernel image or a BTF file.", valueName: "file"))
    var btf = "/sys/kernel/btf/vmlinux"

    @Option(
        help: "Which replacement for the internal headers to use: compat (ours), or kernel (the tree's, in two steps)."
    )
    var headers = BuildPlan.HeaderChoice.compat

    @Option(
        help: ArgumentHelp("Use this .config for '--headers kernel'; default: a small built-in one.", valueName: "file")
    )
    var kernelConfig: String?

    @Option(
        help: ArgumentHelp("Use these libbpf headers; default: the tree's, else /usr/include/bpf.", valueName: "folder")
    )
    var libbpf: String?

    @Option(help: ArgumentHelp("Cache objects here; default: inside --out.", valueName: "folder"))
    var cache: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Keep at most this much in the cache.", valueName: "MB"))
    var cacheLimit = 256

    @Flag(help: "Compile everything and cache nothing.")
    var noCache = false

    @Flag(help: "Remove the files of earlier builds from --out, and build nothing.")
    var clean = false

    @Flag(help: "Write compile_commands.json into --out, for clangd.")
    var compileCommands = false

    @Option(
        help: ArgumentHelp(
            "Say which objects would load on this kernel, and why others would not, without loading them: an image or a BTF file; may be repeated.",
            valueName: "image-or-btf"
        )
    )
    var against: [String] = []

    @Option(help: "How to print the results.")
    var format = Format.text

    @Flag(help: "Print the commands and run none.")
    var dryRun = false

    /// What goes to standard output.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    private static let architectures = TargetArchitecture.allCases.map(\.rawValue).joined(separator: ", ")

    func validate() throws {
        try NumberRange.jobs.validate(jobs)
        try NumberRange.cacheLimit.validate(cacheLimit)
        if !against.isEmpty, format == .json {
            throw ValidationError(
                "--against prints a table: use it without --format json, or 'check --object … --against' for JSON"
            )
        }
        for path in against where !FileManager.default.isReadableFile(atPath: path) {
            throw ValidationError("--against \(path): no such file that can be read; name an image or a file of BTF")
        }
    }

    func run() async throws {
        do {
            if clean { return try cleanUp() }
            let plan = try await plan()
            for remark in plan.remarks { Console.say(remark) }
            if dryRun { return Console.put(plan.shellText) }
            try await build(plan)
        } catch let error as SampleSelection.NoSuchSample {
            throw refusal(error, .usage)
        } catch let error as BuildPlanError {
            throw refusal(error, .usage)
        } catch let error where error is ImageTypes.Unreadable || error is TargetKernel.Unreadable {
            throw refusal(error, .usage)
        } catch let error as KernelTreeError {
            throw refusal(error, tree == nil ? .unavailable : .usage)
        } catch let error where error is CompilerError || error is BuildError {
            throw refusal(error, .unavailable)
        }
    }

    private func refusal(_ error: any Error, _ status: ExitStatus) -> ExitCode {
        Console.say("bpf-assay build: \(error)")
        return ExitCode(status.rawValue)
    }

    private func cleanUp() throws {
        let count = try BuildExecutor.clean(out)
        Console.say("removed \(count) object\(count == 1 ? "" : "s") and what else builds had left in '\(out)'")
    }

    private func plan() async throws -> BuildPlan {
        let tree = try tree.map { try KernelTree(at: $0) } ?? KernelTree.discover()
        let selection = try BuildSelection(names + samples, in: tree)
        for remark in selection.remarks { talk.note(remark) }
        if let part = tree.missingPart(arch) { Console.say("\(part)") }
        if selection.sources.isEmpty {
            Console.say("bpf-assay build: kernel tree '\(tree.path)' (\(tree.version)) has no kern half in samples/bpf")
            throw ExitCode(ExitStatus.nothingSelected.rawValue)
        }
        var settings = BuildPlan.Settings()
        settings.architecture = arch
        settings.btf = try ImageTypes(btf).file(in: out, isWritten: !dryRun)
        settings.headers = headers
        settings.configuration = kernelConfig
        settings.libbpf = libbpf
        settings.isShown = dryRun
        return try BuildPlan(
            sources: selection.sources,
            linked: selection.linked,
            tree: tree,
            output: out,
            compiler: try await Compiler.find(named: clang, rememberedIn: out),
            settings: settings
        )
    }
}

extension TargetArchitecture: ExpressibleByArgument {}
extension BuildPlan.HeaderChoice: ExpressibleByArgument {}
