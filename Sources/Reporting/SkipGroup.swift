import FileBytes
import RunModel

/// The samples that were skipped for lack of one thing.
struct SkipGroup {
    /// What is lacking: `CONFIG_KPROBES is off`.
    let lack: String
    /// How many cells it cost.
    private(set) var count = 0
    /// The samples; where the run had several machines, with the machine or their number.
    private(set) var names: [String] = []

    /// The groups of a run, the one that cost most first.
    static func groups(_ record: RunRecord) -> [SkipGroup] {
        let skipped = record.results.filter { $0.verdict == .skip }
        let hasSeveral = Set(record.machines.map(\.id) + record.results.map(\.machine)).count > 1
        return Dictionary(grouping: skipped, by: \.lack).map { lack, results in
            var group = SkipGroup(lack: lack)
            group.count = results.count
            var seen: Set<String> = []
            let machines = Dictionary(grouping: results, by: \.formName).mapValues { $0.map(\.machine) }
            for result in results where seen.insert(result.formName).inserted {
                let places = machines[result.formName] ?? []
                let place = places.count == 1 ? " on \(places[0])" : " on \(places.count) machines"
                group.names.append(ForeignText.line(result.formName + (hasSeveral ? place : "")))
            }
            return group
        }.sorted { ($1.count, $0.lack) < ($0.count, $1.lack) }
    }

    /// `2 skipped: CONFIG_KPROBES is off: tracing/tracex1, tracing/tracex3`, as many lines as that takes.
    var lines: [String] {
        var lines = ["\(count) skipped: \(ForeignText.line(lack)):"]
        for (index, name) in names.enumerated() {
            let word = " " + (index == names.count - 1 ? name : "\(name),")
            if index > 0, lines[lines.count - 1].utf8.count + word.utf8.count > Self.width { lines.append("   ") }
            lines[lines.count - 1] += word
        }
        return lines
    }

    /// How wide lines become at most, except for wider names.
    private static let width = 100
}
