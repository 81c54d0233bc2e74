import SampleKit
import SampleLab

extension TestLruDist {
    /// What a run with so many tasks may give, with what has bounds at the lower or the upper one.
    private static func right(_ tasks: Int, _ bound: (ClosedRange<Int>) -> Int = \.upperBound) -> Observation {
        var seen = Observation(tasks: tasks, possible: 8)
        for kind in Kind.allCases {
            for round in rounds(tasks) {
                let expected = expected(kind, round, tasks, seen.possible)
                seen.rounds[name(kind, round)] = expected.exact + Tallies(expected.bounds.mapValues(bound))
            }
        }
        return seen
    }

    static var examples: [Example<Observation>] {
        var all: [Example<Observation>] = [.rejected("nothing observed", Observation())]
        for tasks in [1, 2, 4] {
            all.append(.accepted("\(tasks) tasks, upper bounds", right(tasks)))
            all.append(.accepted("\(tasks) tasks, lower bounds", right(tasks, \.lowerBound)))
            let idle = right(tasks).rounds.mapValues { _ in Tallies() }
            all.append(.rejected("\(tasks) tasks, nothing used", Observation(tasks: tasks, possible: 8, rounds: idle)))
        }
        func reject(_ title: String, _ change: (inout Observation) -> Void) {
            var seen = right(2)
            change(&seen)
            all.append(.rejected(title, seen))
        }
        for kind in Kind.allCases {
            for round in Round.allCases {
                let name = name(kind, round)
                let expected = expected(kind, round, 2, 8)
                reject("\(name): not played") { $0.rounds[name] = nil }
                for thing in ["strangers", "task 0: refused", "task 0: of a wrong value", "task 0: misses"]
                where expected.bounds[thing] == nil {
                    reject("\(name): one more of \(thing)") { $0.rounds[name]?.add(thing) }
                }
                for (thing, bounds) in expected.bounds.sorted(by: { $0.key < $1.key }) {
                    reject("\(name), \(thing): too many") { $0.rounds[name]?[thing] = bounds.upperBound + 1 }
                    reject("\(name), \(thing): too few") { $0.rounds[name]?[thing] = bounds.lowerBound - 1 }
                }
            }
            for round in [Round.hot, .skewed] {
                reject("\(kind) lists, \(round.rawValue): first in, first out") {
                    $0.rounds[name(kind, round)]?["task 0: misses"] = round.row.misses(size: size, renews: false)
                }
            }
            reject("\(kind) lists: an old entry is kept") { $0.rounds[name(kind, .passing)]?.add("old ones") }
            reject("\(kind) lists: an entry more than it may have") {
                $0.rounds[name(kind, .passing)]?.add("most entries")
            }
        }
        reject("lists in common and of each processor exchanged") { seen in
            for round in Round.allCases {
                let (one, other) = (name(.common, round), name(.separate, round))
                (seen.rounds[one], seen.rounds[other]) = (seen.rounds[other], seen.rounds[one])
            }
        }
        return all
    }
}
