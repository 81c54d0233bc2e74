import RunModel

/// A run's results as a table: a row a sample, a column a machine, in the order in which the record has them.
struct CellMatrix {
    /// The machines' names.
    let machines: [String]
    /// The samples, a surrogate form with a word behind its name, and how each came out on each machine; `nil` where it did not.
    let rows: [(sample: String, cells: [SampleResult?])]

    /// Lays out a run.
    init(_ record: RunRecord) {
        var machines: [String] = []
        var samples: [String] = []
        var cells: [[String]: SampleResult] = [:]
        for result in record.results {
            let sample = result.variant == .surrogate ? "\(result.sample) (surrogate)" : result.sample
            if !machines.contains(result.machine) { machines.append(result.machine) }
            if cells.keys.allSatisfy({ $0[0] != sample }) { samples.append(sample) }
            cells[[sample, result.machine]] = result
        }
        self.machines = machines
        rows = samples.map { sample in (sample, machines.map { cells[[sample, $0]] }) }
    }
}

extension SampleResult {
    /// `PASS`, `FAIL(oracle)`, `SKIP(CONFIG_KPROBES)`: how it came out, in one word.
    var cellWord: String {
        switch standing {
        case .pass, .expectedFail, .unexpectedPass: standing.rawValue
        case .fail, .error, .miss: standing.rawValue + (reason.map { "(\($0.rawValue))" } ?? "")
        case .skip: standing.rawValue + ((need?.description ?? reason?.rawValue).map { "(\($0))" } ?? "")
        }
    }
}
