public import ArgumentParser
import CommandInput
import ConfigCheck
import Foundation
import GuestRun
import KernBuild
import LinuxHost
import ObjectSources
import Reporting
import RunFiles
public import RunModel
import SampleKit
import SampleRun
import Surveys
import Synchronization

/// `bpf-assay run`: plan, build, run, judge, report.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Build and run samples, and report which ones really work.",
        discussion: helpText(
            """
            Run each sample in a process with its own namespaces and cgroup, and change nothing outside of them. Run each \
            passing sample again with its stimulus withheld; that control run must not pass. Running on this host needs root.

            A SAMPLE is a name, FAMILY/NAME, a family, a program type, or a pattern such as 'xdp*'; '!SAMPLE' leaves samples \
            out. Without one, all samples run. Quote patterns and '!' for the shell.

            Without --tree, use $BPF_ASSAY_TREE, else the newest /usr/src/linux-source-*, else the source link of the running \
            kernel.

            With --kernel, boot these kernels in QEMU virtual machines, which needs no root. A guest that panics or hangs \
            is replaced, and the other samples still run. Set BPF_ASSAY_QEMU to use another QEMU than the one in PATH. \
            '--kernel all' selects every kernel of a list (--kernels; docs/kernels.schema.json). '--shell' opens a shell in \
            a guest instead.

            With --baseline, compare with the record of an earlier run, by sample and machine. A failure that the baseline \
            has too is known; any other failure fails the run.

            A deny list has a line 'SAMPLE  # REASON' for each sample that is known to fail; a sample whose reason begins with \
            'skip' does not run. A list of allowed splats has a line 'TEXT  # REASON' for each kernel warning to ignore. \
            See docs/Running.md for both.

            With --exit-style bisect, exit 0 for good, 1 for bad (a sample failed), 125 where the commit cannot be tested (2, 3, 4, or \
            there is no kernel), and 128 or above to end the bisection (64, 69, interrupted).
            """,
            examples: """
                sudo bpf-assay run
                sudo bpf-assay run sockex1 'xdp*' '!xdp2'
                sudo bpf-assay run --last-failed --verbose
                sudo bpf-assay run --tree linux-6.1 --fail-fast --quiet
                sudo bpf-assay run --baseline bpf-assay-results/latest
                bpf-assay run --kernel arch/x86/boot/bzImage --kernel linux-image-6.12.deb
                bpf-assay run --kernel all --format markdown
                bpf-assay run --kernel linux-image-6.12.deb --shell
                sudo bpf-assay run --repeat 50 --format ktap
                sudo bpf-assay run --format junit=junit.xml --format markdown=summary.md
                sudo bpf-assay run --format junit --output junit.xml
                git bisect run bpf-assay run --kernel . --sample xdp1 --exit-style bisect
                bpf-assay run --dry-run
                bpf-assay run --list tracing
                """,
            exits: .run
        )
    )

    @OptionGroup var options: RunOptions

    func run() async throws {
        do {
            if options.guests.shell {
                try ShellSession.run(options)
            } else {
                try await Run(options).perform()
            }
        } catch let error as ExitCode {
            throw error
        } catch {
            Console.say("bpf-assay run: \(error)")
            throw ExitCode(code(of: error))
        }
    }

    /// A bad command line or input is the caller's; anything else that stops a run is the machine's.
    ///
    /// What a commit may lack is told apart from what the caller mistyped, for bisections.
    private func code(of error: any Error) -> Int32 {
        let style = options.exitStyle
        switch error {
        case is GuestKernelError: return style.codeForNoKernel
        case KernelTreeError.notFound where options.tree != nil, KernelTreeError.notAFolder where options.tree != nil:
            return style.code(for: .usage)
        case is KernelTreeError where options.tree != nil: return style.codeForNoKernel
        case is SampleSelection.NoSuchSample, is ConfigSourceError, is BuildPlanError, is ListLines.Fault,
            is RunInputs.Unreadable, is NamedObjects.Unreadable, is Baseline.Refused, is KernelListError,
            is ImageTypes.Unreadable:
            return style.code(for: .usage)
        default: return style.code(for: .unavailable)
        }
    }
}

/// What `run` can be told.
struct RunOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Run these samples; default: all.", valueName: "sample"))
    var names: [String] = []

    @Option(
        name: .customLong("sample"),
        help: ArgumentHelp("Same as the argument; may be repeated.", valueName: "sample")
    )
    var samples: [String] = []

    @Flag(help: "Run only the samples that failed, were errors or went missing in the newest run of --results.")
    var lastFailed = false

    @Flag(help: "Start no more samples after the first failure.")
    var failFast = false

    @Flag(help: "Print the names of the selected samples and run none.")
    var list = false

    @Flag(help: "Print what would run and be compiled, and do neither.")
    var dryRun = false

    @Option(help: ArgumentHelp("Build from this kernel source tree.", valueName: "folder"))
    var tree: String?

    @Option(help: ArgumentHelp("Run the kern objects in this folder and build none.", valueName: "folder"))
    var objects: String?

    @Option(help: ArgumentHelp("Compile with this clang; default: $CLANG, else clang in PATH.", valueName: "path"))
    var clang: String?

    @Option(
        help: ArgumentHelp(
            "Generate vmlinux.h from this image or BTF file; default: this host's, else that of --kernel.",
            valueName: "file"
        )
    )
    var btf: String?

    @Option(
        name: [.long, .customShort("j", allowingJoined: true)],
        parsing: .unconditional,
        help: ArgumentHelp("Run COUNT samples at once; default: one per processor.", valueName: "count")
    )
    var jobs: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Time limit per sample; default: the sample's own.", valueName: "seconds")
    )
    var timeout: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Run each sample COUNT times; all results must agree.", valueName: "count")
    )
    var `repeat` = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Retry a failing sample up to COUNT times.", valueName: "count")
    )
    var retries = 0

    @Flag(help: "Skip the control runs (passing samples with their stimulus withheld).")
    var noControl = false

    @Option(help: ArgumentHelp("Use this config if the running kernel does not show its own.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Expect these samples to fail: lines 'SAMPLE  # REASON'.", valueName: "file"))
    var denyList: String?

    @Option(help: ArgumentHelp("Kernel warnings to ignore: lines 'TEXT  # REASON'.", valueName: "file"))
    var allowSplats: String?

    @Option(
        help: ArgumentHelp(
            "Compare with this run (a record.json, a journal or a results folder); a failure that it has too does not fail this run.",
            valueName: "record"
        )
    )
    var baseline: String?

    @OptionGroup(title: "Virtual machines") var guests: GuestOptions

    @Option(
        help: ArgumentHelp(
            "Read the kernels of '--kernel all' from this list; default: $BPF_ASSAY_KERNELS, else ci/kernels.json.",
            valueName: "file"
        )
    )
    var kernels: String?

    @Option(help: ArgumentHelp("Write results here, one folder per run.", valueName: "folder"))
    var results = "bpf-assay-results"

    @Option(help: FormatArgument<ReportFormats>.help)
    var format: [FormatArgument<ReportFormats>] = []

    @Option(name: .shortAndLong, help: FormatPlan.outputHelp)
    var output: String?

    @OptionGroup var talk: TalkOptions

    @Option(help: "Use the exit codes of this tool.")
    var exitStyle = ExitStyle.own

    @Option(help: "Report a kernel that does not boot as an error or as a failure.")
    var failedBoot = FailedBoot.error

    /// What to report for a kernel that does not boot.
    enum FailedBoot: String, ExpressibleByArgument, CaseIterable {
        case error, fail
    }

    @Option(help: .hidden)
    var worker: String?

    /// What selects samples.
    var patterns: [String] { names + samples }

    /// The machines that are chosen.
    var machines: Station.Choice { Station.Choice(kernels: guests.kernels, list: kernels, config: config) }

    /// What is read before anything else.
    var inputs: RunInputs.Choice {
        var choice = RunInputs.Choice()
        choice.patterns = patterns
        choice.lastFailedIn = lastFailed ? results : nil
        choice.denyList = denyList
        choice.allowSplats = allowSplats
        return choice
    }

    /// Whether some samples were chosen, be it all of them.
    var selects: Bool { !patterns.isEmpty || lastFailed }

    /// What is reported where: text to standard output, unless another format is asked for there.
    var formatPlan: FormatPlan { get throws { try FormatPlan(format, fallback: "text", output: output) } }

    func validate() throws {
        _ = try formatPlan
        try NumberRange.jobs.validate(jobs)
        try NumberRange.timeout.validate(timeout)
        try NumberRange.repetitions.validate(`repeat`)
        try NumberRange.retries.validate(retries)
        if config != nil, guests.kernels.count > 1 || guests.kernels == ["all"] || kernels != nil {
            throw ValidationError("--config is of one kernel, and several are named")
        }
        if guests.shell, guests.kernels.count != 1 || ["host", "all"].contains(guests.kernels[0]) {
            throw ValidationError("--shell opens one machine: name its kernel with --kernel")
        }
    }
}

extension NumberRange {
    /// Refuses a number that is out of range.
    func validate(_ value: Int?) throws {
        if let complaint = complaint(about: value) { throw ValidationError(complaint) }
    }
}

extension ExitStyle: ExpressibleByArgument {}
