import ArgumentParser

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

    /// Runs the command, and ends as ``end(after:)`` says.
    static func main() async {
        Console.reserveDescriptors()
        do {
            var command = try parseAsRoot()
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
}

/// The version that `--version` prints and records carry.
let toolVersion = "0.1.0"
