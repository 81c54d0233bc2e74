import ArgumentParser
import Glibc
import LinuxHost
import RunModel

/// The command: its subcommands do the wiring, and nothing else.
@main
struct BpfAssay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bpf-assay",
        abstract: "Prove that a kernel, its configuration and its host really run eBPF.",
        discussion: """
            Builds the kern objects of the kernel's own samples/bpf, runs each in namespaces of its own with a workload and an \
            exact oracle, and says which work and why the others do not.

            Examples:
              sudo bpf-assay run
              sudo bpf-assay run --tree linux-6.1 --sample xdp
              bpf-assay check --profile samples
              bpf-assay report bpf-assay-results/latest --format junit
              bpf-assay compare yesterday.json today.json
            """,
        version: toolVersion,
        subcommands: [
            RunCommand.self, CheckCommand.self, BuildCommand.self, ListCommand.self, DescribeCommand.self,
            ReportCommand.self, CompareCommand.self,
        ],
        defaultSubcommand: nil
    )

    /// Runs the command; one that cannot be understood is refused in the exit style that it asks for.
    static func main() async {
        do {
            var command = try parseAsRoot(Array(ProgramArguments.all.dropFirst()))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let code = exitCode(for: error)
            guard code == .validationFailure, let style = ExitStyle(askedForBy: CommandLine.arguments) else {
                exit(withError: error)
            }
            Console.say(fullMessage(for: error))
            Glibc.exit(style.code(for: .usage))
        }
    }
}

/// The version that `--version` prints and records carry.
let toolVersion = "0.1.0"
