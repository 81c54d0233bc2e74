import ArgumentParser
import BPFProbe
import ConfigCheck
import FeatureRules
import Glibc
import ObjectNeeds
import Reporting
import RunModel
import SystemPackage

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
                bpf-assay check --object mine.bpf.o --against /boot/vmlinuz-6.1.0-56-amd64 --against /sys/kernel/btf/vmlinux
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
        if !object.isEmpty || listNeeds || !against.isEmpty {
            try checkObjects()
            return
        }
        try formatPlan.checkFiles(of: "check")
        let check: KernelCheck
        var notes: [String] = []
        do {
            check = try prepared(&notes)
        } catch {
            Console.say("bpf-assay check: \(DecodingFailure.text(of: error))")
            throw ExitCode(ExitStatus.usage.rawValue)
        }
        let record = check.record(notes: notes)
        try writeFiles(record)
        if fix {
            let advice = FixAdvice(of: record, beside: check.options.fixFragment)
            Console.put(text: advice.fragment)
            if let message = advice.message { Console.say("bpf-assay check: \(message)") }
        } else {
            Console.put(text: try rendered(record))
            advise(check.options)
        }
        if let fragment = check.subject, fragment.isFragment {
            Console.say(
                "bpf-assay check: to judge what Kconfig makes of '\(fragment.source)', complete it and check full/.config; "
                    + "name the config that it is to be merged into, if there is one, before it:"
            )
            for command in fragment.completion(in: tree) { Console.say("  \(command)") }
        }
        // ExitCode.success would be thrown as well, and print nothing.
        guard record.conclusion == .met else { throw ExitCode(record.conclusion.rawValue) }
    }

    /// What the text says in its first line, for who reads another format.
    private func advise(_ report: ConfigReport) {
        guard formatPrinted != "text" else { return }
        if !report.isTrusted, kernel != nil || namedSource != nil {
            Console.say(
                "bpf-assay check: no config that belongs to this kernel can be believed; use --config with its own"
            )
        } else if !report.isTrusted {
            // With CONFIG_IKCONFIG=m /proc/config.gz appears when the module is loaded.
            Console.say(
                "bpf-assay check: judging the running kernel: no trustworthy config; "
                    + "load the module 'configs' if there is one, or use --config or --tree"
            )
        }
    }

    func judgedVersion() throws -> KernelVersion? {
        try kernelVersion.map { text in
            guard let version = KernelVersion(text) else {
                throw UsageError(
                    "reading --kernel-version '\(text)': it is no version; write one such as 6.1 or 4.19.12"
                )
            }
            return version
        }
    }

    /// The config to judge.
    struct Choice {
        let found: IdentifiedConfig?
        /// Why other configs do not count.
        var passedOver: [String] = []
        /// Configs that other programs read and that say something else.
        var contradicted: [String] = []
    }

    func subject() throws -> Choice {
        let isPair = config != nil && image != nil && !running && tree == nil
        let isForTree = config != nil && tree != nil && !running && image == nil
        guard isPair || isForTree || [running, config != nil, image != nil, tree != nil].count(where: { $0 }) <= 1
        else {
            throw UsageError(
                "choosing a config: --running, --config, --image and --tree are mutually exclusive, except --config with --image or --tree"
            )
        }
        guard let source = namedSource else {
            let running = RunningConfig()
            return Choice(found: running.found, passedOver: running.passedOver, contradicted: running.contradicted)
        }
        guard isPair, let image else {
            let found = try source.identified()
            return Choice(
                found: config == "-" ? IdentifiedConfig(judgedForItself: found.config, source: "standard input") : found
            )
        }
        let kernel = try KernelConfigSource.kernel(inImage: FilePath(image))
        return Choice(found: IdentifiedConfig(try source.read(), source: source.path().string, ofImage: kernel))
    }

    private func prepared(_ notes: inout [String]) throws -> KernelCheck {
        guard parts.isEmpty || probe != false else {
            throw UsageError("choosing what to ask: --ask asks the running kernel, and --no-probe forbids that")
        }
        guard (probe != true && parts.isEmpty) || kernel != nil || namedSource == nil else {
            throw UsageError(
                "choosing what to ask: --probe and --ask are about the running kernel; leave out --config, --image and --tree"
            )
        }
        let version = try judgedVersion()
        let asked = try (profile.isEmpty ? ["core"] : profile).map { try ConfigProfile.load($0) }
        let joined = ConfigProfile(joining: asked)
        if let stranger = joined.features.first(where: { !FeatureReport.knows($0.name) }) {
            throw UsageError(
                "reading profile '\(joined.name)': line \(stranger.line) asks for '\(stranger.name)', and no such feature is known; "
                    + "bpf-assay check --format json names them all"
            )
        }
        if let kernel { return try booted(kernel, joined, version) }
        let choice = try subject()
        warnOfDuplicates(choice.found)
        notes += choice.contradicted.map { "other programs may read a config that says something else: \($0)" }
        let isRunning = namedSource == nil
        let ofTree =
            choice.found?.isFragment == true ? tree.flatMap { KernelConfigSource.version(ofTree: FilePath($0)) } : nil
        if isRunning, let version, let own = RunningKernel.current().kernelVersion, !version.isSameRelease(as: own) {
            notes.append(
                "judged as Linux \(version), as --kernel-version says; options and answers are those of Linux \(own)"
            )
        }
        return KernelCheck(
            subject: choice.found,
            passedOver: choice.passedOver,
            profile: joined,
            version: version ?? (isRunning ? RunningKernel.current().kernelVersion : ofTree),
            probe: probed(&notes),
            host: isRunning ? .current() : nil
        )
    }

    /// A check of a kernel that is booted to be asked.
    private func booted(_ kernel: String, _ profile: ConfigProfile, _ version: KernelVersion?) throws -> KernelCheck {
        guard !running, image == nil, tree == nil, parts.isEmpty else {
            throw UsageError(
                "choosing a kernel: --kernel boots it; leave out --running, --image, --tree and --ask, and give --config for its config"
            )
        }
        if probe != false {
            Console.say("bpf-assay check: booting '\(kernel)' to ask it, which takes some seconds")
        }
        let guest = try GuestCheck(kernel, config: config, isAsked: probe != false)
        warnOfDuplicates(guest.config)
        return KernelCheck(
            subject: guest.config,
            passedOver: guest.passedOver,
            profile: profile,
            version: version ?? guest.version,
            probe: guest.probe,
            host: nil
        )
    }

    var namedSource: KernelConfigSource? {
        if let config { return .file(FilePath(Self.path(config))) }
        if let image { return .image(FilePath(image)) }
        return tree.map { .tree(FilePath($0)) }
    }

    /// The file that a name on the command line stands for: `-` is standard input.
    static func path(_ name: String) -> String { name == "-" ? "/dev/stdin" : name }

    /// What the running kernel says of itself; `nil` where it is not asked.
    private func probed(_ notes: inout [String]) -> ProbeReport? {
        guard namedSource == nil else { return nil }
        guard probe != false else {
            notes.append("the kernel was not asked itself: --no-probe")
            return nil
        }
        if probe == nil, !Privileges.current().has(.bpf) {
            notes.append(
                "the kernel was not asked itself, which takes CAP_BPF; --probe asks what may be asked without it"
            )
            return nil
        }
        return KernelProbe.run(parts: parts.isEmpty ? Set(KernelProbe.Part.allCases) : Set(parts.map(\.part)))
    }

    private func rendered(_ record: CheckRecord) throws -> String {
        try rendered(
            record,
            as: formatPrinted,
            colour: Console.hasColour(STDOUT_FILENO),
            width: Console.width(STDOUT_FILENO)
        )
    }

    private func warnOfDuplicates(_ subject: IdentifiedConfig?) {
        guard let subject else { return }
        for again in subject.config.duplicates.prefix(10) {
            Console.say(
                "bpf-assay check: \(subject.source): \(again.option) in line \(again.line) overrides line \(again.earlierLine)"
            )
        }
        if subject.config.duplicates.count > 10 {
            Console.say("bpf-assay check: \(subject.source): more options are set twice")
        }
    }

    struct UsageError: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
        }
    }
}
