import RunModel
import SampleKit
import SampleLab

extension Hbm {
    static let examples: [Example<Observation>] =
        [
            .accepted("as it must be", sound),
            .accepted("without fq", changed { $0.delays = nil }),
            .accepted("a lead missed once", missed),
            .rejected("nothing seen", Observation()),
            .rejected("no processor", changed { $0.processors = [] }),
            .rejected("never by fq", changed { $0.delays = [] }),
            .rejected("fq lets a packet leave early", changed { $0.delays?[1].arrival -= 1_000_000_000 }),
            .rejected("a departure that is not the packet's", changed { $0.delays?[0].departure += 1 }),
        ]
        + HbmRuling.Half.allCases.flatMap { half in
            let faults: [(String, (inout Observation.Half) -> Void)] = [
                ("not attached", { $0.isAttached = false }),
                ("no trial", { $0.trials = HbmOutcomes() }),
                ("a trial left out", { $0.trials.list.remove(at: 5) }),
                ("a trial more", { half in half.trials.list += half.trials.list.suffix(1) }),
                ("no connection", { $0.connections = [:] }),
                ("no chance", { $0.tosses = [] }),
                ("by chance always", { half in for index in half.tosses.indices { half.tosses[index][1] = 1 } }),
                ("by chance never", { half in for index in half.tosses.indices { half.tosses[index][1] = 0 } }),
                ("by chance uncounted", { $0.tosses[7][1] = -1 }),
                ("a packet of the crowd lost", { $0.crowd.counts.packets -= 1 }),
                ("bytes of the crowd lost", { $0.crowd.counts.bytes -= 100 }),
                (
                    "an update of the crowd's queue lost",
                    { half in
                        half.crowd.after = HbmQueue(
                            time: half.crowd.after.time - 1,
                            credit: Int(half.crowd.after.credit) + 100,
                            rate: Int(half.crowd.after.rate)
                        )
                    }
                ),
                ("the crowd's packets do not arrive", { $0.crowd.arrivals = [:] }),
                ("the crowd counted before it came", { $0.crowd.counts.first -= 1_000_000 }),
            ]
            return faults.map { name, fault in
                .rejected("\(half.rawValue): \(name)", changed { fault(&$0.halves[half.rawValue, default: .init()]) })
            } + trialFaults(half) + segmentFaults(half)
        }

    static func changed(_ mistake: (inout Observation) -> Void) -> Observation {
        var seen = sound
        mistake(&seen)
        return seen
    }

    /// A trial that came too late for its lead and was treated as late as it came.
    private static let missed = changed { seen in
        let trials = HbmTrial.all(on: seen.processors).filter { $0.half == .departure }
        guard
            let place = trials.firstIndex(where: {
                $0.start == .ahead(HbmTrial.Start.leads[3].range) && !$0.packet.isTCP
            })
        else { return }
        seen.halves[HbmRuling.Half.departure.rawValue]?.trials.list[place] = outcome(
            of: trials[place],
            before: HbmQueue(time: clock - 70_000, rate: trials[place].settings.rate * 128)
        )
    }

    private static func trialFaults(_ half: HbmRuling.Half) -> [Example<Observation>] {
        let faults: [(String, (inout HbmTrial.Outcome) -> Void)] = [
            ("a mark more", { $0.counts.marked += 1 }),
            ("a drop less", { $0.counts.dropped -= 1 }),
            ("another return value", { $0.counts[returned: 3] += 1 }),
            ("another credit", { $0.after.credit += 1 }),
            ("another rate", { $0.after.rate += 1 }),
            ("another time", { $0.after.time += 1 }),
            ("another sum", { $0.counts.credits -= 1 }),
            ("another answer", { $0.answer = $0.answer == "ok" ? "EPERM" : "ok" }),
            ("arrived twice", { $0.arrivals += [0] }),
            ("marked on its way", { $0.arrivals = [3, 3] }),
            ("an older clock", { $0.began = $0.counts.last + 1 }),
            ("another departure", { $0.departure += 1 }),
        ]
        let trials = HbmTrial.all(on: sound.processors).filter { $0.half == half }
        let all = trials.enumerated().filter { $0.element.settings.counts && $0.element.isLimited }
        return faults.enumerated().flatMap { place, fault in
            [3, 57].compactMap { step in
                let (index, trial) = all[(place * 7 + step) % all.count]
                let found = sound.halves[half.rawValue]?.trials.list[index]
                // Nobody looks at the departure of what is dropped, or that the first program never set.
                if fault.0 == "another departure", half == .credit || found?.answer != "ok" { return nil }
                return .rejected(
                    "\(trial.name): \(fault.0)",
                    changed { fault.1(&$0.halves[half.rawValue, default: .init()].trials.list[index]) }
                )
            }
        }
    }

    private static func segmentFaults(_ half: HbmRuling.Half) -> [Example<Observation>] {
        let faults: [(String, (inout HbmSegment) -> Void)] = [
            ("another window", { $0.counts.windows += 1 }),
            ("no round trip", { $0.counts.roundTrips = 0 }),
            ("not told", { $0.knows.threshold = HbmConnection.State.endless - 1 }),
            ("arrived or not", { $0.arrived = 1 - $0.arrived }),
            ("dropped or not", { $0.counts[returned: 1] += 1 }),
        ]
        return HbmSegment.connections.flatMap { one in
            zip(HbmSegment.Step.all(half), faults).map { step, fault in
                .rejected(
                    "\(half.rawValue): TCP of \(one.name) \(step.name): \(fault.0)",
                    changed {
                        fault.1(
                            &$0.halves[half.rawValue, default: .init()].connections[one.name, default: [:]][
                                step.name,
                                default: .init()
                            ]
                        )
                    }
                )
            }
        }
    }
}
