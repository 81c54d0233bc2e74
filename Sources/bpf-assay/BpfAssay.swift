import ArgumentParser
import CommandInput
import Glibc
import LibBPF
import LinuxHost
import RunModel
import SampleCatalog
import SampleRun

/// The command: its subcommands do the wiring, and nothing else.
@main
struct BpfAssay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bpf-assay",
        abstract: "Check whether eBPF really works on a kernel, with its configuration and host.",
        discussion: """
            Build the kern objects of the kernel's own samples/bpf, run each sample in its own namespaces with a workload and an \
            exact oracle, and report which samples work and why the others do not.

            EXAMPLES
              sudo bpf-assay run
              sudo bpf-assay run --tree linux-6.1 'xdp*'
              bpf-assay check --profile samples
              bpf-assay report bpf-assay-results/latest --format junit
              bpf-assay compare yesterday.json today.json
              bpf-assay --version --verbose      for a report of a bug
            """,
        version: toolVersion,
        subcommands: [
            RunCommand.self, CheckCommand.self, BuildCommand.self, ListCommand.self, DescribeCommand.self,
            ReportCommand.self, CompareCommand.self,
        ],
        defaultSubcommand: nil
    )

    /// Runs the command, and ends as ``end(after:)`` says.
    ///
    /// On the main thread: anything else takes a thread, which the system may not have to give.
    @MainActor static func main() async {
        Console.reserveDescriptors()
        ResourceDemand.catchFileSizeLimit()
        MemoryLimitMessage.install(program: "bpf-assay", status: ExitStatus.unavailable.rawValue)
        refuseUnknownSubcommand()
        do {
            var command = try parseAsRoot(Array(ProgramArguments.all.dropFirst()))
            requireResources(for: command)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            end()
        } catch {
            end(after: error)
        }
    }

    private static func refuseUnknownSubcommand() {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        let samples = SamplePattern.names(of: allSamples)
        switch FirstWord(Array(CommandLine.arguments.dropFirst()), subcommands: names, samples: samples) {
        case .asWritten: return
        case .version(let isVerbose):
            Console.put(isVerbose ? toolVersion + "\n" + builtParts : toolVersion)
            end()
        case .unknown(let word, let hint):
            Console.say("bpf-assay: there is no subcommand '\(word)'\(hint)")
            Console.say(
                "Usage: bpf-assay SUBCOMMAND, one of \(names.joined(separator: ", ")); 'bpf-assay --help' explains"
            )
            Glibc.exit(ExitStatus.usage.rawValue)
        }
    }

    /// Ends the process where the system has too little to give, before a library waits for it without end.
    private static func requireResources(for command: any ParsableCommand) {
        do throws(ResourceDemand.Shortage) {
            try ResourceDemand(of: command).check()
        } catch {
            let name = type(of: command).configuration.commandName.map { $0 == "bpf-assay" ? $0 : "bpf-assay \($0)" }
            Console.say("\(name ?? "bpf-assay"): \(error)")
            let style = (command as? RunCommand)?.options.exitStyle ?? .own
            Glibc.exit(style.code(for: .unavailable))
        }
    }
}

/// The version that `--version` prints and records carry.
let toolVersion = "0.1.0"

/// What this program was built with, a line each.
private var builtParts: String {
    (builtPackages + [("libbpf", LibbpfVersion.text)]).map { "\($0.name) \($0.version)" }.joined(separator: "\n")
}
