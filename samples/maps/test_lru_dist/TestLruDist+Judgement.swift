import LibBPF
import RunModel
import SampleKit
import SampleLab

extension TestLruDist {
    /// What a round must give.
    struct Expectation {
        /// Numbers that the row of keys decides.
        var exact: Tallies
        /// Numbers that depend on how many free entries a processor takes at once, or on what the kernel takes for used.
        var bounds: [String: ClosedRange<Int>] = [:]
    }

    /// What a round must give with so many tasks.
    ///
    /// As long as no key is used again, the oldest entry is the one to go, so that a row of more than fit has no hit. A hot key is
    /// used again after 512 accesses, of which 256 evict something: it is among the newer half of the entries, and is found to have
    /// been used before its turn comes. Both hold for every number of free entries from 1 to 128 that a processor takes at once.
    static func expected(_ kind: Kind, _ round: Round, _ tasks: Int, _ possible: Int) -> Expectation {
        let row = round.row
        let shares = round.isOfMany ? tasks : 1
        let room = size * shares
        var exact: Tallies = [
            "type": 9, "flags": Int(kind.shape.flags), "capacity": kind == .separate ? size * possible : room,
        ]
        var bounds = ["entries": room - kind.spare * shares...room]
        for task in 0..<shares {
            exact["task \(task): accesses"] = row.keys.count
            exact["task \(task): misses"] = row.distinct
        }
        switch round {
        case .fitting, .fittingAtOnce:
            exact["entries"] = row.distinct * shares
            bounds = [:]
        case .passing:
            exact["task 0: misses"] = row.keys.count
            // While it is full, and when it has just made room.
            exact["most entries"] = size
            bounds["fewest entries"] = size - kind.spare...size
        case .hotAtOnce where kind == .common && tasks > 1:
            // While the scheduler lets a task wait, others evict what it uses.
            for task in 0..<tasks {
                exact["task \(task): misses"] = 0
                bounds["task \(task): misses"] = row.distinct...row.keys.count
            }
        case .hot, .hotInTurns, .hotAtOnce: break
        case .skewed, .skewedInTurns:
            for task in 0..<shares {
                exact["task \(task): misses"] = 0
                bounds["task \(task): misses"] = skewedMisses
            }
        case .neighbour:
            let (one, other) = (row.distinct, Row.passing.keys.count)
            exact = exact + ["task \(tasks - 1): accesses": other, "task \(tasks - 1): misses": other]
            exact["task 0: accesses"] = one
            if kind == .separate {
                exact["left of the first"] = one
                bounds["entries"] = one + size - kind.spare...one + size
            } else {
                // What a processor has written since it took free entries is not in the list in common yet.
                bounds["left of the first"] = 1...kind.spare + 1
                bounds["entries"] = size - 2 * kind.spare...size
            }
        }
        return Expectation(exact: exact, bounds: bounds)
    }

    /// How many misses there may be of skewed keys.
    ///
    /// The kernel keeps one bit of whether an entry was used, so what it evicts is old, and not the oldest. On such keys that costs
    /// less than the entries that a processor may hold free: it misses no more than an exact LRU without these, which is less than
    /// what a hash misses that evicts what was written first. Nor is it as good as one of twice the size.
    static let skewedMisses = Row.skewed.misses(size: 2 * size)...Row.skewed.misses(size: size - 128)

    func judge(_ seen: Observation) -> Judgement {
        let tasks = max(0, min(seen.tasks, SenderProcessors.most))
        var checks = [Check.atLeast("tasks", bound: 1, observed: seen.tasks)]
        var names: Set<String> = []
        for kind in Kind.allCases {
            for round in Self.rounds(tasks) {
                let name = Self.name(kind, round)
                names.insert(name)
                guard var found = seen.rounds[name] else {
                    checks.append(.equal(name, expected: "played", observed: "not played"))
                    continue
                }
                let expected = Self.expected(kind, round, tasks, seen.possible)
                for (thing, bounds) in expected.bounds.sorted(by: { $0.key < $1.key }) {
                    checks.append(.within("\(name): \(thing)", bounds, observed: found[thing]))
                    found[thing] = 0
                }
                checks.append(.tally(name, expected: expected.exact.counts, observed: found.counts))
            }
        }
        let others = seen.rounds.keys.filter { !names.contains($0) }.sorted()
        checks.append(.equal("rounds that nobody asked for", expected: [], observed: others))
        return Judgement(checks, notReached: SenderProcessors.notReached(onOthers: tasks - 1))
    }
}
