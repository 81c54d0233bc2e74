import ArgumentParser
import BPFProbe
import ConfigCheck
import KernelChecks
import Reporting
import RunModel

/// The subcommand that says whether a kernel's config has what a profile asks for.
///
/// It runs on the main thread: the pool of threads that asynchronous commands run on ends a process without `/proc`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check whether a kernel supports eBPF, and say what to change if it does not.",
        discussion: helpText(
            """
            Look for the running kernel's config in /proc/config.gz, /boot, /usr/lib/modules and the build tree, and believe \
            it only if it names the running kernel. A config, image or tree given by name is taken as is.

            A profile is built in (\(ConfigProfile.builtInNames.joined(separator: ", "))) or a Kconfig fragment. \
            A note applies to the next option: '# [optional, for tc filters]', '# [recommended]', \
            '# [for Linux kernel versions 4.7 and later]'; '# [feature attach:kprobe]' requires a feature and all that it needs.

            Also probe the running kernel, where this process may: program types, map types, the helpers that each \
            program type may call, attach points, and whether attached programs take effect. The probe loads and attaches \
            real programs in its own network namespace and cgroup, and closes them at once; it leaves out helpers that the \
            kernel warns about. With --kernel, probe another kernel in a virtual machine, without root. \
            If the options promise one thing and the kernel answers another, report a conflict: the config may be another kernel's, \
            or a rule of ours wrong.

            With --object, check for what the object needs (program types, map types, helpers, kernel functions, types) \
            instead of a profile. The needs are read from the ELF file and its BTF; the object is not loaded. With --against, \
            also match it against a kernel's types (CO-RE, functions, tracepoints); a table says which object would load on \
            which kernel, and why others would not. With --probe, load the objects and release them at once; with --kernel, do \
            so in a virtual machine. A map whose size the user half would set gets one.
            """,
            examples: """
                bpf-assay check
                sudo bpf-assay check --profile tracing
                bpf-assay check --config /boot/config-6.1.0-56-amd64 --profile ./mine.config
                zcat config.gz | bpf-assay check --config -
                bpf-assay check --image arch/x86/boot/bzImage
                bpf-assay check --kernel arch/x86/boot/bzImage
                bpf-assay check --tree ~/linux --profile samples --fix > missing.config
                sudo bpf-assay check --format junit > check.xml
                bpf-assay check --object mine.bpf.o --config /boot/config-6.1.0-56-amd64
                bpf-assay check --object mine.bpf.o --list-needs
                sudo bpf-assay check --object mine.bpf.o --probe
                bpf-assay check --object mine.bpf.o --kernel arch/x86/boot/bzImage
                bpf-assay check --object mine.bpf.o --against /boot/vmlinuz-6.1.0-56-amd64
                """,
            exits: .check
        )
    )

    /// A part of the probe, as the command line names it.
    enum ProbePart: String, ExpressibleByArgument, CaseIterable {
        case programTypes = "program-types"
        case mapTypes = "map-types"
        case helpers
        case attachPoints = "attach-points"
        case verifier

        var part: KernelProbe.Part {
            switch self {
            case .programTypes: .programTypes
            case .mapTypes: .mapTypes
            case .helpers: .helpers
            case .attachPoints: .attachPoints
            case .verifier: .verifier
            }
        }
    }

    @Flag(name: .long, help: "Check the running kernel (default).")
    var running = false

    @Option(
        name: .long,
        help: ArgumentHelp("Check this config, plain or compressed; - is standard input.", valueName: "file")
    )
    var config: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Check the config that this vmlinux, bzImage or configs.ko embeds, or whether --config belongs to it.",
            valueName: "file"
        )
    )
    var image: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Boot this kernel in a virtual machine and probe it there; takes what 'run --kernel' takes.",
            valueName: "kernel"
        )
    )
    var kernel: String?

    @Option(name: .long, help: ArgumentHelp("Check the .config of this kernel tree.", valueName: "dir"))
    var tree: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Check for this profile; repeat to combine several. (default: core)",
            valueName: "name-or-file"
        )
    )
    var profile: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Check for what this BPF object needs; may be repeated.", valueName: "file")
    )
    var object: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Match the objects against this kernel's types without loading them: a vmlinux, bzImage or BTF file; may be repeated.",
            valueName: "image-or-btf"
        )
    )
    var against: [String] = []

    @Flag(name: .long, help: "Print what the objects need, one need per line, and check nothing.")
    var listNeeds = false

    @Option(
        name: .long,
        help: ArgumentHelp("Assume this kernel version if the config does not name one.", valueName: "version")
    )
    var kernelVersion: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Probe the running kernel. (default: if CAP_BPF is held and no config is named)"
    )
    var probe: Bool?

    @Option(
        name: .customLong("ask"),
        help: ArgumentHelp(
            "Probe only this part; may be repeated. (default: all parts)",
            valueName: "part"
        )
    )
    var parts: [ProbePart] = []

    @Flag(name: .long, help: "Print only the missing options, as a fragment for scripts/kconfig/merge_config.sh.")
    var fix = false

    @Flag(name: .long, help: "Add helper counts to the text output.")
    var helpers = false

    @Flag(name: .shortAndLong, help: "Show every option and feature in the text output.")
    var verbose = false

    @Option(name: .customLong("format"), help: FormatArgument<CheckFormats>.help)
    var formats: [FormatArgument<CheckFormats>] = []

    @Option(name: .shortAndLong, help: FormatPlan.outputHelp)
    var output: String?

    func validate() throws { _ = try formatPlan }

    func run() throws {
        do {
            switch purpose {
            case .profile: try checkProfile()
            case .list: try listObjects()
            case .needs: try checkNeeds()
            case .fit: try checkFit()
            case .load: try checkLoading()
            }
        } catch let code as ExitCode {
            throw code
        } catch {
            Console.say("bpf-assay check: \(DecodingFailure.text(of: error))")
            throw ExitCode(ExitStatus.usage.rawValue)
        }
    }

    /// Ends with what was found.
    ///
    /// `ExitCode.success` would be thrown as well, and print nothing.
    func end(with conclusion: CheckConclusion) throws {
        guard conclusion == .met else { throw ExitCode(conclusion.rawValue) }
    }

    /// Says what a person should know before the result comes.
    static func say(_ line: String) { Console.say("bpf-assay check: \(line)") }

    func judgedVersion() throws -> KernelVersion? {
        try kernelVersion.map { text in
            guard let version = KernelVersion(text) else {
                throw CheckRefusal(
                    "reading --kernel-version '\(text)': it is no version; write one such as 6.1 or 4.19.12"
                )
            }
            return version
        }
    }

    /// Which config is to be judged.
    var subject: ConfigRequest {
        var request = ConfigRequest()
        request.isRunning = running
        request.config = config
        request.image = image
        request.tree = tree
        return request
    }
}
