import ArgumentParser
import RunModel
import SampleKit

/// `bpf-assay describe`: all that is known of a sample without running it.
struct DescribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Describe what samples show, demand and need.",
        discussion: helpText(
            """
            A SAMPLE is a name, FAMILY/NAME, a family, a program type, or a pattern such as 'xdp*'; '!SAMPLE' leaves samples out.
            """,
            examples: """
                bpf-assay describe sockex1
                bpf-assay describe 'xdp*'
                """,
            exits: .describe
        )
    )

    @Argument(help: ArgumentHelp("Describe these samples.", valueName: "sample"))
    var patterns: [String]

    @OptionGroup var talk: TalkOptions

    func run() throws {
        let entries: [CatalogEntry]
        do {
            entries = try selectedSamples(patterns)
        } catch {
            Console.say("bpf-assay describe: \(error)")
            throw ExitCode(ExitStatus.usage.rawValue)
        }
        for (index, entry) in entries.enumerated() {
            let manifest = entry.manifest
            if index > 0 { Console.put("") }
            Console.put(talk.heading(entry.id))
            if talk.quiet {
                Console.put("  oracle   \(manifest.oracle)")
                continue
            }
            Console.put("  shows    \(manifest.summary)")
            Console.put("  oracle   \(manifest.oracle)")
            for file in manifest.kernSources {
                let others = file.otherPaths.map { ", or \($0)" }.joined()
                Console.put("  source   \(file.path)\(others)")
            }
            if manifest.kernSources.isEmpty {
                Console.put("  source   none in the kernel tree: the sample hands instructions to bpf(2) itself")
            } else if manifest.instructions != nil {
                Console.put("  source   or else instructions that the sample hands to bpf(2) itself")
            }
            Console.put("  programs \(manifest.programTypes.joined(separator: ", "))")
            Console.put("  needs    \(manifest.needs.map(\.description).joined(separator: ", "))")
            for (helper, reason) in manifest.unseenHelpers.sorted(by: { $0.key < $1.key }) {
                Console.put("  unseen   \(helper): \(reason)")
            }
            if let oldest = manifest.oldestTree {
                Console.put("  trees    Linux \(oldest.version) and later; that of an older one \(oldest.flaw)")
            }
            Console.put("  time     at most \(manifest.timeout.components.seconds) s")
        }
    }
}
