import ArgumentParser
import BPFProbe
import ConfigCheck
import FoundationEssentials
import ObjectNeeds
import Reporting
import RunModel
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The subcommand that says whether a kernel's config has what a profile asks for.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Check a kernel's config against a profile or a BPF object's needs, and ask the running kernel itself.",
        discussion: """
            The running kernel's config is looked for in /proc/config.gz, /boot, /usr/lib/modules and the build tree, \
            and is believed only if it names the running kernel. A config that you name is judged for itself.

            A profile is a built-in one (\(ConfigProfile.builtInNames.joined(separator: ", "))) or a Kconfig fragment; notes such as \
            '# [optional, for tc filters]' and '# [for Linux kernel versions 4.7 and later]' hold for the next option.

            The running kernel is also asked itself, where this process may: which program types and map types it has, and \
            which helpers each program type may call, and where programs attach. Everything is loaded and attached for real, in a \
            network namespace and a cgroup of its own, and closed at once; helpers that the \
            kernel logs a warning about are left out. The exit status is that of the config.

            EXAMPLES
              bpf-assay check
              sudo bpf-assay check --probe --format json
              bpf-assay check --profile samples
              bpf-assay check --config /boot/config-6.1.0-56-amd64 --profile ./mine.config
              bpf-assay check --image arch/x86/boot/bzImage
              bpf-assay check --tree ~/linux --fix > missing.config
              bpf-assay check --object mine.bpf.o --config /boot/config-6.1.0-56-amd64
              bpf-assay check --object mine.bpf.o --list-needs
              bpf-assay check --object mine.bpf.o --against /boot/vmlinuz-6.1.0-56-amd64 --against /sys/kernel/btf/vmlinux

            With --object it is not a profile that is asked for but what the object's program types, map types, helpers, \
            kernel functions and types need, as its ELF file and BTF tell. The object is not loaded. With --against it is also fitted to a kernel's types (CO-RE, functions, \
            tracepoints), and a table says which object would load on which kernel, and why not.

            EXIT STATUS
              0  every required option is there
              1  a required option is not there, or the kernel is too old for an object
              2  the command line, the profile, the config file or an object is wrong
              3  no trustworthy config, or inconclusive
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Flag(name: .long, help: "Check the running kernel (default).")
    var running = false

    @Option(name: .long, help: ArgumentHelp("Check this config, plain or gzip.", valueName: "file"))
    var config: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Check the config that this vmlinux, bzImage or configs.ko embeds.", valueName: "file")
    )
    var image: String?

    @Option(name: .long, help: ArgumentHelp("Check the .config of this kernel tree.", valueName: "dir"))
    var tree: String?

    @Option(
        name: .long,
        help: ArgumentHelp("What to ask for; repeat to join several. (default: core)", valueName: "name-or-file")
    )
    var profile: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Ask for what this BPF object needs; repeat for several.", valueName: "file")
    )
    var object: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Fit the objects to this kernel's types, without loading: a vmlinux, bzImage or BTF file; repeat for several.",
            valueName: "image-or-btf"
        )
    )
    var against: [String] = []

    @Flag(name: .long, help: "Print what the objects need, a line each, and check nothing.")
    var listNeeds = false

    @Option(
        name: .long,
        help: ArgumentHelp("The kernel version, where the config does not say it.", valueName: "version")
    )
    var kernelVersion: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Ask the running kernel itself. (default: where CAP_BPF is held and no config is named)"
    )
    var probe: Bool?

    @Flag(name: .long, help: "Print only the fragment that is missing, for scripts/kconfig/merge_config.sh.")
    var fix = false

    @Option(name: .long, help: "How to print the findings.")
    var format: Format = .text

    func run() async throws {
        if !object.isEmpty || listNeeds || !against.isEmpty {
            try checkObjects()
            return
        }
        let report: ConfigReport
        do {
            report = try makeReport()
        } catch {
            Console.say("bpf-assay check: \(error)")
            throw ExitCode(2)
        }
        print(fix ? report.fixFragment : try rendered(report, probed()), terminator: "")
        if !report.isTrusted {
            // With CONFIG_IKCONFIG=m /proc/config.gz appears when the module is loaded.
            Console.say(
                "bpf-assay check: judging the running kernel: no trustworthy config; "
                    + "load the module 'configs' if there is one, or use --config or --tree"
            )
        } else if !fix, format == .text, report.conclusion == .unmet {
            Console.say("bpf-assay check: the same command with --fix prints the missing lines as a fragment")
        }
        // ExitCode.success would be thrown as well, and print nothing.
        guard report.conclusion == .met else { throw ExitCode(report.conclusion.rawValue) }
    }

    private func checkObjects() throws {
        let check = ObjectCheck(paths: object, asJSON: format == .json)
        let conclusion: Int32
        do {
            guard !object.isEmpty else { throw UsageError("listing needs: no object is named; add --object FILE") }
            guard profile.isEmpty, !fix, probe != true else {
                throw UsageError("checking objects: --profile, --fix and --probe are about kernels; leave them out")
            }
            if listNeeds {
                try check.list()
                return
            }
            let version = try judgedVersion()
            if !against.isEmpty {
                let named = try namedSource.map {
                    IdentifiedConfig(judgedForItself: try $0.read(), source: $0.path().string)
                }
                let fit = try check.fit(to: against, config: named, version: version)
                guard fit == .met else { throw ExitCode(fit.rawValue) }
                return
            }
            conclusion = try check.report(against: try subject().found, version: version).rawValue
        } catch let code as ExitCode {
            throw code
        } catch {
            Console.say("bpf-assay check: \(error)")
            throw ExitCode(2)
        }
        guard conclusion == 0 else { throw ExitCode(conclusion) }
    }

    private func judgedVersion() throws -> KernelVersion? {
        try kernelVersion.map { text in
            guard let version = KernelVersion(text) else {
                throw UsageError(
                    "reading --kernel-version '\(text)': it is no version; write one such as 6.1 or 4.19.12"
                )
            }
            return version
        }
    }

    /// The config to judge, and the places that were passed over on the way to it.
    private func subject() throws -> (found: IdentifiedConfig?, absence: [String]) {
        guard [running, config != nil, image != nil, tree != nil].count(where: { $0 }) <= 1 else {
            throw UsageError(
                "choosing a config: --running, --config, --image and --tree exclude one another; give one of them"
            )
        }
        guard let source = namedSource else {
            let running = RunningConfig()
            return (running.found, running.passedOver)
        }
        return (IdentifiedConfig(judgedForItself: try source.read(), source: source.path().string), [])
    }

    private func makeReport() throws -> ConfigReport {
        guard probe != true || (namedSource == nil && !fix) else {
            throw UsageError(
                "choosing what to ask: --probe asks the running kernel; leave out --config, --image, --tree and --fix"
            )
        }
        let version = try judgedVersion()
        let asked = try (profile.isEmpty ? ["core"] : profile).map { try ConfigProfile.load($0) }
        let (found, absence) = try subject()
        warnOfDuplicates(found)
        return ConfigReport(
            judging: ConfigProfile(joining: asked),
            against: found,
            absence: absence,
            kernelVersion: version
        )
    }

    private var namedSource: KernelConfigSource? {
        if let config { return .file(FilePath(config)) }
        if let image { return .image(FilePath(image)) }
        return tree.map { .tree(FilePath($0)) }
    }

    /// What the running kernel says of itself; `nil` where it is not asked.
    private func probed() -> ProbeReport? {
        guard namedSource == nil, probe != false else { return nil }
        if probe == nil, !Privileges.current().has(.bpf) {
            Console.say("bpf-assay check: not asking the kernel itself: needs CAP_BPF; --probe asks what may be asked")
            return nil
        }
        return KernelProbe.run()
    }

    private func rendered(_ report: ConfigReport, _ probed: ProbeReport?) throws -> String {
        switch format {
        case .json: try CheckJSON().render(report.record(adding: probed?.checks ?? [], probe: probed))
        case .text:
            report.text(colour: Console.hasColour(STDOUT_FILENO)) + (probed.map { "\n" + $0.text() } ?? "")
        }
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

    private struct UsageError: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
        }
    }
}
