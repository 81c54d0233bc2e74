public import RunModel
public import SampleKit

/// A sample that is a list of steps, each with things that are counted and counts that the workload decides.
///
/// Write `steps`, `prepare`, `perform` and `expected`; the observation, the judgement and most examples follow from them. All counts must be
/// equal, nothing else may have been counted, and every step must have been performed.
///
/// What a run finds out about itself before it can say what to expect, such as how many processors it may use, or how the object
/// at hand reads a frame, is a fact: see ``facts(on:in:)``.
public protocol SteppedSample: Sample where Observation == SteppedObservation {
    /// A step of the workload, which is described by its name.
    associatedtype Step: CustomStringConvertible & Sendable
    /// What the steps share, such as a network and a loaded object.
    associatedtype Bench

    /// The steps in their order; each has a name of its own.
    static var steps: [Step] { get }
    /// The facts that examples are made with, one set of examples for each; by default one set without facts.
    static var exampleFacts: [Tallies] { get }
    /// Of how many counts of each step there are examples that are one off; by default of four, for all are compared alike.
    static var countsTried: Int { get }
    /// Examples besides those that are made of the steps; by default none.
    static var moreExamples: [Example<SteppedObservation>] { get }

    /// Makes what the steps share.
    func prepare(in arena: borrowing Arena) throws -> Bench
    /// Finds out what the expectations depend on; by default nothing.
    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies
    /// Performs a step, and says what was counted.
    ///
    /// What makes the kern half do something goes inside of `arena.stimulate`, and nothing else does.
    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies
    /// What must be counted in a step: decided by the workload, and never by what a run has counted.
    static func expected(_ step: Step, _ facts: Tallies) -> Tallies
    /// What the facts say was not reached on this machine; by default nothing.
    static func notReached(_ facts: Tallies) -> [String]
}

/// What was counted in the steps of a ``SteppedSample``.
public struct SteppedObservation: Codable, Sendable, Equatable {
    /// What the run found out about itself.
    public var facts: Tallies
    /// What was counted, by the steps' names.
    public var steps: [String: Tallies]

    /// Creates an observation; of nothing by default.
    public init(facts: Tallies = [:], steps: [String: Tallies] = [:]) {
        self.facts = facts
        self.steps = steps
    }
}

extension SteppedSample {
    /// One set of examples without facts.
    public static var exampleFacts: [Tallies] { [[:]] }
    /// Four.
    public static var countsTried: Int { 4 }
    /// None.
    public static var moreExamples: [Example<SteppedObservation>] { [] }
    /// None.
    public func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { [:] }
    /// Nothing.
    public static func notReached(_ facts: Tallies) -> [String] { [] }

    /// Performs the steps in their order.
    public func observe(in arena: borrowing Arena) throws -> SteppedObservation {
        let bench = try prepare(in: arena)
        var seen = SteppedObservation(facts: try facts(on: bench, in: arena))
        for step in Self.steps { seen.steps["\(step)"] = try perform(step, on: bench, in: arena) }
        return seen
    }

    /// One check for each step, and one that there are no others.
    public func judge(_ seen: SteppedObservation) -> Judgement {
        let checks = Self.steps.map { step -> Check in
            guard let observed = seen.steps["\(step)"] else {
                return .equal("\(step)", expected: "performed", observed: "not performed")
            }
            return .tally("\(step)", expected: Self.expected(step, seen.facts).counts, observed: observed.counts)
        }
        let known = Set(Self.steps.map { "\($0)" })
        let others = seen.steps.keys.filter { !known.contains($0) }.sorted()
        return Judgement(
            checks + [.equal("steps that nobody asked for", expected: [], observed: others)],
            notReached: Self.notReached(seen.facts)
        )
    }

    /// What every run of these facts must give.
    public static func expected(_ facts: Tallies) -> SteppedObservation {
        let steps = Self.steps.map { ("\($0)", expected($0, facts)) }
        return SteppedObservation(facts: facts, steps: Dictionary(steps) { _, last in last })
    }

    /// What is expected is accepted; nothing at all, a missing step, each count that is one off, and two steps that differ
    /// exchanged are not; and those of ``moreExamples``.
    public static var examples: [Example<SteppedObservation>] {
        var all: [Example<SteppedObservation>] = []
        for facts in exampleFacts {
            let right = expected(facts)
            let with = facts == [:] ? "" : " with \(facts.counts.sorted { $0.key < $1.key }.map { "\($0) \($1)" })"
            all.append(.accepted("as expected\(with)", right))
            all.append(.rejected("nothing observed\(with)", SteppedObservation(facts: facts)))
            let idle = SteppedObservation(facts: facts, steps: right.steps.mapValues { _ in [:] })
            if idle != right { all.append(.rejected("nothing counted\(with)", idle)) }
            let names = steps.map { "\($0)" }
            for (index, name) in names.enumerated() {
                all += faults(of: right, in: name).map { .rejected("\($0.title)\(with)", $0.seen) }
                let next = names[(index + 1) % names.count]
                guard right.steps[name] != right.steps[next] else { continue }
                var exchanged = right
                (exchanged.steps[name], exchanged.steps[next]) = (right.steps[next], right.steps[name])
                all.append(.rejected("'\(name)' and '\(next)' exchanged\(with)", exchanged))
            }
        }
        return all + moreExamples
    }

    private static func faults(
        of right: SteppedObservation,
        in name: String
    ) -> [(title: String, seen: SteppedObservation)] {
        var faults: [(String, SteppedObservation)] = []
        var missing = right
        missing.steps[name] = nil
        faults.append(("'\(name)' not performed", missing))
        var more = right
        more.steps[name]?.add("something else")
        faults.append(("'\(name)': something else counted", more))
        let things = (right.steps[name] ?? [:]).counts.keys.sorted()
        for index in stride(from: 0, to: things.count, by: max(1, things.count / max(1, countsTried))) {
            let thing = things[index]
            for difference in [-1, 1] {
                var other = right
                other.steps[name]?.add(thing, difference)
                faults.append(("'\(name)': \(difference < 0 ? "one less" : "one more") of \(thing)", other))
            }
        }
        return faults
    }
}
