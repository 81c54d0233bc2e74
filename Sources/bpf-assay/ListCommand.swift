import ArgumentParser
import Foundation
import RunModel
import SampleKit

/// `bpf-assay list`: the catalogue.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List samples.",
        discussion: helpText(
            """
            A SAMPLE is a name, FAMILY/NAME, a family, a program type, or a pattern such as 'xdp*'; '!SAMPLE' leaves samples out.
            """,
            examples: """
                bpf-assay list
                bpf-assay list xdp --format markdown
                bpf-assay list '!tracing' --quiet
                """,
            exits: .list
        )
    )

    @Argument(help: ArgumentHelp("List these samples; default: all.", valueName: "sample"))
    var patterns: [String] = []

    @Option(help: "How to print the list.")
    var format = Format.text

    @OptionGroup var talk: TalkOptions

    /// How to print the list.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, markdown
    }

    func run() throws {
        let entries: [CatalogEntry]
        do {
            entries = try selectedSamples(patterns)
        } catch {
            Console.say("bpf-assay list: \(error)")
            throw ExitCode(ExitStatus.usage.rawValue)
        }
        switch format {
        case .text where talk.quiet:
            for entry in entries { Console.put(entry.id) }
        case .text:
            let width = entries.map(\.id.count).max() ?? 0
            for entry in entries {
                let padding = String(repeating: " ", count: width - entry.id.count)
                Console.put("\(talk.heading(entry.id))\(padding)  \(entry.manifest.summary)")
                if talk.verbose {
                    Console.put("    programs \(entry.manifest.programTypes.joined(separator: ", "))")
                    Console.put("    needs    \(entry.manifest.needs.map(\.description).joined(separator: ", "))")
                }
            }
        case .markdown:
            Console.put("| sample | program types | shows |\n|---|---|---|")
            for entry in entries {
                Console.put(
                    "| \(entry.id) | \(entry.manifest.programTypes.joined(separator: ", ")) | \(entry.manifest.summary) |"
                )
            }
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            Console.put(String(decoding: try encoder.encode(entries.map(SampleDescription.init)), as: UTF8.self))
        }
    }
}

/// A sample as `list` and `describe` print it in JSON.
struct SampleDescription: Encodable {
    var sample: String
    var summary: String
    var oracle: String
    var kernSources: [String]
    var programTypes: [String]
    var needs: [Need]
    var timeout: Double

    init(_ entry: CatalogEntry) {
        sample = entry.id
        summary = entry.manifest.summary
        oracle = entry.manifest.oracle
        kernSources = entry.manifest.kernSources.map(\.path)
        programTypes = entry.manifest.programTypes
        needs = entry.manifest.needs
        timeout = Double(entry.manifest.timeout.components.seconds)
    }

    private enum CodingKeys: String, CodingKey {
        case sample, summary, oracle
        case kernSources = "kern_sources"
        case programTypes = "program_types"
        case needs
        case timeout = "timeout_s"
    }
}
