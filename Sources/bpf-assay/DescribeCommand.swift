import ArgumentParser
import RunModel
import SampleKit

/// `bpf-assay describe`: all that is known of a sample without running it.
struct DescribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Say what a sample shows, what its oracle demands and what it needs.",
        discussion: """
            Example:
              bpf-assay describe sockex1
            """
    )

    @Argument(help: "Names, families or program types.")
    var patterns: [String]

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
            Console.put(entry.id)
            Console.put("  shows    \(manifest.summary)")
            Console.put("  oracle   \(manifest.oracle)")
            Console.put("  source   \(manifest.kernSource)")
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
