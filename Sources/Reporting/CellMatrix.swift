import RunModel

/// A run's results as a table: a row a sample, a column a machine, in the order in which the record has them.
struct CellMatrix {
    /// The machines' names.
    let machines: [String]
    /// The samples, a surrogate form with a word behind its name, and how each came out on each machine; `nil` where it did not.
    let rows: [(sample: String, cells: [String?])]

    /// Lays out a run.
    ///
    /// - Returns: `nil` where most cells would be empty: such a table says little and grows with the square of the record.
    init?(_ record: RunRecord) {
        var columns: [String: Int] = [:]
        var lines: [String: Int] = [:]
        var (machines, samples): ([String], [String]) = ([], [])
        var places: [(row: Int, column: Int)] = []
        places.reserveCapacity(record.results.count)
        for result in record.results {
            let column = Self.place(of: result.machine, in: &columns, &machines)
            places.append((Self.place(of: result.formName, in: &lines, &samples), column))
        }
        guard machines.count * samples.count <= 4 * record.results.count + 1000 else { return nil }
        var cells = [[String?]](repeating: Array(repeating: nil, count: machines.count), count: samples.count)
        for (index, place) in places.enumerated() { cells[place.row][place.column] = record.results[index].cellWord }
        self.machines = machines
        rows = zip(samples, cells).map { (sample: $0, cells: $1) }
    }

    private static func place(of name: String, in places: inout [String: Int], _ names: inout [String]) -> Int {
        if let place = places[name] { return place }
        places[name] = names.count
        names.append(name)
        return names.count - 1
    }
}

extension SampleResult {
    /// The sample, and which form of it where it is not its own.
    var formName: String { variant == .surrogate ? "\(sample) (surrogate)" : sample }

    /// `PASS`, `FAIL(oracle)`, `SKIP(CONFIG_KPROBES)`: how it came out, in one word.
    var cellWord: String {
        switch standing {
        case .pass, .expectedFail, .unexpectedPass: standing.rawValue
        case .fail, .error, .miss: standing.rawValue + (reason.map { "(\($0.rawValue))" } ?? "")
        case .skip: standing.rawValue + ((need?.description ?? reason?.rawValue).map { "(\($0))" } ?? "")
        }
    }
}
