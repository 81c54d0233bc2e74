import LibBPF
import LinuxHost
import SampleKit

/// Hands changes to the two programs by test runs, on an object of its own that nothing else calls.
struct HandedSession: ~Copyable {
    private let object: LoadedObject
    private let known: BPFMap
    private let tables: [(name: String, map: BPFMap)]

    init(_ arena: borrowing Arena) throws {
        let opened = try arena.openObject()
        for kind in [HandedChange.Kind.idleState, .frequency] {
            try opened.program(kind.program).setType(.rawTracepoint)
        }
        let object = try opened.load()
        // Programs that know another record than the kernel's may read more words than they are handed.
        for kind in [HandedChange.Kind.idleState, .frequency] { try arena.tracepoint(of: kind.program, in: object) }
        let known = try object.map("my_map")
        let tables = try [HandedChange.idleTable, HandedChange.frequencyTable].map { ($0, try object.map($0)) }
        for (_, map) in tables {
            for cell in 0..<map.capacity { try map.update(cell, IdleLedger.start) }
        }
        self.object = object
        self.known = known
        self.tables = tables
    }

    /// Runs the change's program on it.
    func outcome(of change: HandedChange) throws -> HandedChange.Outcome {
        let cells = UInt32(HandedChange.cells)
        let own = change.processor < known.capacity / cells ? change.processor * cells : nil
        var outcome = HandedChange.Outcome()
        if let own {
            outcome.before = change.known.cells(at: Deadline.now)
            for (index, value) in outcome.before.enumerated() { try known.update(own + UInt32(index), value) }
        }
        let (before, times) = (try Self.read(known), try tables.map { try Self.read($0.map) })
        let word = UInt64(change.state) | UInt64(change.processor) << 32
        outcome.begin = Deadline.now
        try object.program(change.kind.program).testRun(arguments: [0, word])
        outcome.end = Deadline.now
        for (cell, values) in zip(before, try Self.read(known)).enumerated() {
            if let own, Int(own)..<Int(own + cells) ~= cell {
                outcome.after.append(values.1)
            } else if values.0 != values.1 {
                outcome.strays += 1
            }
        }
        for ((name, map), before) in zip(tables, times) {
            for (cell, values) in zip(before, try Self.read(map)).enumerated() where values.0 != values.1 {
                outcome.added["\(name) \(cell)"] = values.1 &- values.0
            }
        }
        return outcome
    }

    private static func read(_ map: BPFMap) throws -> [UInt64] {
        try (0..<map.capacity).map { try map.lookup($0, as: UInt64.self) ?? 0 }
    }
}
