import SampleKit
import SampleLab

extension SyscallTp {
    static let examples: [Example<Observation>] = [
        .accepted("a quiet machine", seen(round())),
        .accepted("others open files too", seen(round(entries: 90, exits: 88, made: 93))),
        .accepted("an addition lost in one round", seen(round(), first: round(entries: 63))),
        .accepted("no open(2) here", seen(round(), hasOpen: false)),
        .accepted("an object without programs for openat(2)", seen(round(), kinds: [.open], calls: [.open])),
        .accepted(
            "one with programs for openat2(2)",
            seen(round(), kinds: OpenCall.allCases, calls: OpenCall.allCases)
        ),
        .rejected("openat2(2) left out", seen(round(), calls: OpenCall.allCases)),
        .rejected("an object without programs", seen(round(), calls: [])),
        .rejected("nothing was opened", Observation()),
        .rejected("only others opened files", seen(OpenRound(entries: 70, exits: 70, entriesMade: 70, exitsMade: 70))),
        .rejected("entries not counted", seen(round(entries: 0))),
        .rejected("failed opens not counted at exit", seen(round(exits: 32))),
        .rejected("each open counted twice", seen(round(entries: 128, exits: 128))),
        .rejected("too much in a single round", seen(round(), first: round(exits: 70))),
        .rejected("an addition lost in two rounds", seen(round(), first: round(entries: 63), last: round(entries: 60))),
        .rejected("a carry lost in one round", seen(round(), first: round(exits: 64 - 65536))),
        .rejected("entries counted at the exit", seen(round(), misplaced: true)),
        .rejected("each end counted at the other", seen(round(), exchanged: true)),
        .rejected("no round with one program", seen(round(), singles: 0)),
        .rejected("counted after detaching", seen(round(), detached: round())),
        .rejected("no round after detaching", seen(round(), detached: OpenRound())),
        .rejected("open(2) left out without a reason", seen(round(), kinds: [.openat])),
    ]

    private static func round(entries: Int = 64, exits: Int = 64, made: Int = 64) -> OpenRound {
        OpenRound(succeeded: 32, failed: 32, entries: entries, exits: exits, entriesMade: made, exitsMade: made)
    }

    private static func seen(
        _ round: OpenRound,
        first: OpenRound? = nil,
        last: OpenRound? = nil,
        detached: OpenRound = OpenRound(succeeded: 32, failed: 32),
        hasOpen: Bool = true,
        kinds: [OpenCall] = [.open, .openat],
        calls: [OpenCall]? = nil,
        exchanged: Bool = false,
        misplaced: Bool = false,
        singles: Int = singleRounds
    ) -> Observation {
        let rounds = [first ?? round] + Array(repeating: round, count: 6) + [last ?? round]
        let kinds = hasOpen ? kinds : [.openat]
        let each = { (rounds: [OpenRound]) in Dictionary(uniqueKeysWithValues: kinds.map { ($0.rawValue, rounds) }) }
        var (entering, leaving) = (round, round)
        (entering.exits, leaving.entries) = (0, 0)
        if exchanged { swap(&entering, &leaving) }
        return Observation(
            hasOpen: hasOpen,
            calls: calls?.map(\.rawValue),
            processors: 2,
            rounds: each(rounds),
            entering: each(Array(repeating: entering, count: singles)),
            leaving: each(Array(repeating: leaving, count: singles)),
            places: Dictionary(
                uniqueKeysWithValues: kinds.map { call in
                    let places = [call.entryPlace, call.exitPlace]
                    return (call.rawValue, misplaced ? places.reversed() : places)
                }
            ),
            detached: detached
        )
    }
}
