public import ArgumentParser
import ConfigCheck
import Foundation
import GuestRun
import KernBuild
import LinuxHost
import Reporting
public import RunModel
import SampleKit
import SampleRun
import Synchronization

/// `bpf-assay run`: plan, build, run, judge, report.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Build and run samples on this host, and say which really work.",
        discussion: """
            Each sample runs in a process with namespaces and a cgroup of its own; nothing outside of them is changed. A sample \
            that passes is run again with its stimulus withheld, which must not pass. Running needs root.

            Without --tree, $BPF_ASSAY_TREE counts, then the newest /usr/src/linux-source-*, then the source link of the \
            running kernel.

            With --kernel the samples run in virtual machines that boot these kernels, by QEMU, which needs no root: the same \
            worker is each machine's first process. A machine that panics or hangs is replaced, and the rest of the plan goes \
            on. BPF_ASSAY_QEMU names another QEMU than the one in PATH.

            '--kernel all' means every kernel of a list, which --kernels names (docs/kernels.schema.json); the report then ends \
            with a table of samples by kernel. '--shell' opens a shell in such a machine in place of a run.

            With --baseline the record is compared with that of an earlier run, by sample and machine, as 'bpf-assay compare' \
            does it. A failure that the baseline has too is known then; any other fails the run. One kernel is compared with \
            another where each run has one machine.

            Examples:
              sudo bpf-assay run
              sudo bpf-assay run --baseline bpf-assay-results/latest
              bpf-assay run --kernel arch/x86/boot/bzImage --kernel linux-image-6.12.deb
              bpf-assay run --kernel all --format markdown
              bpf-assay run --kernel linux-image-6.12.deb --shell
              sudo bpf-assay run --tree linux-6.1 --sample sockex1 --sample xdp
              sudo bpf-assay run --repeat 50 --format ktap
              sudo bpf-assay run --format junit=junit.xml --format markdown=summary.md
              git bisect run bpf-assay run --kernel . --sample xdp1 --exit-style bisect
              bpf-assay run --dry-run

            Exit codes: 0 all passed (skips allowed), 1 a sample failed (with --baseline: one that did not fail there), 2 none \
            failed but some broke or are missing, 3 nothing selected, 4 all skipped, 64 usage, 69 the harness could not do its \
            work, 130 or 143 interrupted. With --exit-style bisect: 0 good, 1 bad (a sample failed), 125 cannot be tested (2, 3, \
            4, or there is no kernel), 128 and above end the bisection (64, 69, interrupted).
            """
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
        case is SampleSelection.NoSuchSample, is ConfigSourceError, is BuildPlanError, is SplatAllowList.NoReason,
            is Baseline.Refused, is KernelListError, is ImageTypes.Unreadable:
            return style.code(for: .usage)
        default: return style.code(for: .unavailable)
        }
    }
}

/// What `run` can be told.
struct RunOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The kernel's source tree.", valueName: "folder"))
    var tree: String?

    @Option(help: ArgumentHelp("Run these kern objects and build none.", valueName: "folder"))
    var objects: String?

    @Option(
        name: .customLong("sample"),
        help: ArgumentHelp("A sample, a family or a program type; may be repeated.", valueName: "name")
    )
    var samples: [String] = []

    @Option(help: ArgumentHelp("The compiler; default: $CLANG, else clang in PATH.", valueName: "path"))
    var clang: String?

    @Option(
        help: ArgumentHelp(
            "The kernel whose types vmlinux.h has, an image or a file of BTF; default: this host's, else that of --kernel.",
            valueName: "file"
        )
    )
    var btf: String?

    @Option(
        name: [.long, .customShort("j", allowingJoined: true)],
        help: ArgumentHelp("How many samples run at once; default: one a processor.", valueName: "count")
    )
    var jobs: Int?

    @Option(help: ArgumentHelp("The time that each sample has, instead of its own.", valueName: "seconds"))
    var timeout: Int?

    @Option(help: ArgumentHelp("Run each sample so often; all its runs must agree.", valueName: "count"))
    var `repeat` = 1

    @Option(help: ArgumentHelp("Try a sample that did not pass so often again.", valueName: "count"))
    var retries = 0

    @Flag(help: "Do not run passing samples again with the stimulus withheld.")
    var noControl = false

    @Option(help: ArgumentHelp("The running kernel's options, where it does not tell them itself.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Samples that are known to fail, as in the kernel's DENYLIST files.", valueName: "file"))
    var denyList: String?

    @Option(
        help: ArgumentHelp("What the kernel may log against itself, each line with a reason.", valueName: "file")
    )
    var allowSplats: String?

    @Option(
        help: ArgumentHelp(
            "Compare with this run (a record.json, a journal or a results folder); what failed there too does not fail this run.",
            valueName: "record"
        )
    )
    var baseline: String?

    @OptionGroup(title: "Virtual machines") var guests: GuestOptions

    @Option(
        help: ArgumentHelp(
            "The kernels that '--kernel all' means; default: $BPF_ASSAY_KERNELS, else ci/kernels.json.",
            valueName: "file"
        )
    )
    var kernels: String?

    @Option(help: ArgumentHelp("Where results go, a folder a run.", valueName: "folder"))
    var results = "bpf-assay-results"

    @Option(help: FormatArgument<ReportFormats>.help)
    var format: [FormatArgument<ReportFormats>] = []

    @Option(help: "Whose exit codes to use.")
    var exitStyle = ExitStyle.own

    @Option(help: "What it is that a kernel does not start in a virtual machine: an error of nobody's, or its failure.")
    var failedBoot = FailedBoot.error

    /// What a kernel that does not start is taken for.
    enum FailedBoot: String, ExpressibleByArgument, CaseIterable {
        case error, fail
    }

    @Flag(help: "Print what would be run and compiled, and do neither.")
    var dryRun = false

    @Option(help: .hidden)
    var worker: String?

    /// What is reported where: text to standard output, unless another format is asked for there.
    var formatPlan: FormatPlan { get throws { try FormatPlan(format, fallback: "text") } }

    func validate() throws {
        _ = try formatPlan
        if let jobs, jobs < 1 { throw ValidationError("--jobs must be at least 1") }
        if let timeout, timeout < 1 { throw ValidationError("--timeout must be at least 1 second") }
        if `repeat` < 1 { throw ValidationError("--repeat must be at least 1") }
        if config != nil, guests.kernels.count > 1 || guests.kernels == ["all"] || kernels != nil {
            throw ValidationError("--config is of one kernel, and several are named")
        }
        if guests.shell, guests.kernels.count != 1 || ["host", "all"].contains(guests.kernels[0]) {
            throw ValidationError("--shell opens one machine: name its kernel with --kernel")
        }
        if retries < 0 { throw ValidationError("--retries must not be negative") }
    }
}

extension ExitStyle: ExpressibleByArgument {}
