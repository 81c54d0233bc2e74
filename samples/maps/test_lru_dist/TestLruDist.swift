import LibBPF
import SampleKit
import SampleLab

/// Plays rows of keys on hashes that forget what was least recently used, beside an exact one.
///
/// Upstream looks keys up by bpf(2), which marks nothing as used since Linux 5.2; here a program does, which writes what is missing.
struct TestLruDist: Sample {
    static let manifest = Manifest(
        summary: "LRU hashes, with lists in common and for each processor, beside an exact LRU",
        oracle:
            "a program's accesses to rows of keys, by one task and by up to four in turns and at once, are hits of the right value or misses: "
            + "keys that fit are missed once; of more than fit in turn each is missed, and the newest are there; hot keys stay "
            + "while others pass by; skewed keys are missed no more often than in an exact LRU of 128 entries less, nor less often than "
            + "in one of twice the size; no hash ever has more entries than it may, nor many less; a neighbour takes entries of a list in "
            + "common, and none of another processor's",
        instructions: KernInstructions(
            maps: [
                .init("state", MapShape(.perCPUArray, value: UInt32(Field.size), capacity: 1)),
                .init("keys", MapShape(.array, value: 8, capacity: UInt32(Row.longest))),
            ] + Kind.allCases.map { .init("\($0)", $0.shape) },
            programs: Kind.allCases.enumerated().map { .init("\($1)", .socketFilter, play(on: Int32(2 + $0))) }
        ),
        programTypes: ["SOCKET_FILTER"],
        // Keys are written and read many at once.
        needs: .bpf + ["CONFIG_NET", "kernel>=5.6"],
        // An emulated machine takes long for so many accesses.
        timeout: .seconds(60)
    )

    /// How many entries there are for each task.
    static let size = 1024

    /// Where the kernel keeps the order of entries.
    enum Kind: String, CaseIterable, Sendable {
        case common, separate

        /// What the hash is, with room for one task.
        ///
        /// A run says how much room it needs. `BPF_F_NO_COMMON_LRU` is 2.
        var shape: MapShape {
            MapShape(.lruHash, key: 8, value: 8, capacity: UInt32(TestLruDist.size), flags: self == .common ? 0 : 2)
        }

        /// How many entries a processor may hold free, beside the one that it was going to write.
        ///
        /// It takes them out of the list in common 128 at once, or fewer on small hashes since 6.16 (`LOCAL_FREE_TARGET`), and out of
        /// its own four at once (`PERCPU_FREE_TARGET` of kernel/bpf/bpf_lru_list.c).
        var spare: Int { self == .common ? 127 : 3 }
    }

    /// What is played on a new hash.
    enum Round: String, CaseIterable, Sendable {
        case fitting = "keys that fit"
        case passing = "more than fit"
        case hot = "hot keys"
        case skewed = "skewed keys"
        case hotInTurns = "hot keys, tasks in turns"
        case skewedInTurns = "skewed keys, tasks in turns"
        case fittingAtOnce = "keys that fit, tasks at once"
        case hotAtOnce = "hot keys, tasks at once"
        case neighbour = "a neighbour"

        /// The keys.
        var row: Row {
            switch self {
            case .fitting, .fittingAtOnce, .neighbour: .fitting
            case .passing: .passing
            case .hot, .hotInTurns, .hotAtOnce: .hot
            case .skewed, .skewedInTurns: .skewed
            }
        }

        /// Whether each task has room of its own, also in a list in common.
        var isOfMany: Bool { [.hotInTurns, .skewedInTurns, .fittingAtOnce, .hotAtOnce].contains(self) }
    }

    struct Observation: Codable, Sendable, Equatable {
        /// How many processors had a task.
        var tasks = 0
        /// How many processors there may be.
        var possible = 0
        /// What was counted in each round of each kind.
        var rounds: [String: Tallies] = [:]
    }

    /// The name of a round on hashes of a kind.
    static func name(_ kind: Kind, _ round: Round) -> String { "\(kind) lists, \(round.rawValue)" }

    /// The rounds of so many tasks.
    static func rounds(_ tasks: Int) -> [Round] { Round.allCases.filter { $0 != .neighbour || tasks > 1 } }

    func observe(in arena: borrowing Arena) throws -> Observation {
        let processors = try SenderProcessors.available()
        var seen = Observation(tasks: processors.count, possible: try MapCalls.possibleProcessors())
        for kind in Kind.allCases {
            for round in Self.rounds(processors.count) {
                let bench = try Bench(kind, round, processors, arena)
                try arena.stimulate { seen.rounds[Self.name(kind, round)] = try bench.play() }
            }
        }
        return seen
    }
}
