import SampleKit
import SampleLab

extension Sockex2 {
    static let examples: [Example<Observation>] = [
        .accepted("every packet counted", seen()),
        .rejected("nothing sent", Observation()),
        .rejected("nothing counted", seen(loopback: [:], frames: [:])),
        .rejected("one packet lost on lo", seen(loopback: [loopbackKey: Tally(25, 2714)])),
        .rejected("only what goes out counted on lo", seen(loopback: [loopbackKey: Tally(13, 1406)])),
        .rejected("the destination in the other byte order", seen(loopback: ["0100007f": Tally(26, 2812)])),
        .rejected("headers not counted", seen(loopback: [loopbackKey: Tally(26, 1720)])),
        .rejected("bytes lost in the upper half", seen(loopback: [loopbackKey: Tally(26, 0)])),
        .rejected(
            "another destination counted on lo",
            seen(loopback: [loopbackKey: Tally(26, 2812), "00000000": Tally(1, 14)])
        ),
        .rejected("no hand-made frame counted", seen(frames: [:])),
        .rejected("one frame not counted", seen { $0["0a020003"] = nil }),
        .rejected("one frame counted twice", seen { $0["0a020003"] = Tally(2, 146) }),
        .rejected("a tunnel's outer destination counted", seen { $0["0a09000a"] = $0.removeValue(forKey: "0a02000a") }),
        .rejected("a fragment looked into", seen { $0["0a020012"] = $0.removeValue(forKey: "0a090012") }),
        .rejected("a cut header counted", seen { $0["0a020016"] = Tally(1, 32) }),
        .rejected("a VLAN tag left out of the length", seen { $0["0a020002"] = Tally(1, 64) }),
        .rejected("frames let through", seen(accepted: 1)),
        .rejected("a destination of many lost", changed { $0.many = room - 1 }),
        .rejected("room for more than there should be", changed { $0.beyond = 1 }),
        .accepted("flags of GRE in the right order", changed { $0.flagged = Probe.wanted(exchanged: false) }),
        .rejected("flags of GRE not looked at", changed { $0.flagged = [:] }),
        .rejected("a sequence number not skipped", changed { $0.flagged["0a020069"] = nil }),
        .rejected("only one processor counted", changed { $0.crowded = Tally(4001, 4001 * 62) }),
        .rejected("an addition lost between two processors", changed { $0.crowded.bytes -= 62 }),
        .accepted("a cut IPv6 header counted by a function that was not inlined", cut([52])),
        .accepted("both cut headers counted by functions that were not inlined", cut([32, 52])),
        .rejected("a cut header counted by one program", cut([52], callsFunctions: false)),
        .rejected("a cut header counted twice", cut([52, 52])),
        .rejected("a cut header counted with another length", cut([60])),
    ]

    private static func cut(_ sizes: [Int64], callsFunctions: Bool = true) -> Observation {
        seen(callsFunctions: callsFunctions) {
            $0[noDestination] = Tally(Int64(sizes.count), sizes.reduce(0, +))
        }
    }

    private static func seen(
        loopback: [String: Tally] = [loopbackKey: Tally(26, 2812)],
        frames: [String: Tally]? = nil,
        accepted: Int = 0,
        callsFunctions: Bool = false,
        _ change: (inout [String: Tally]) -> Void = { _ in }
    ) -> Observation {
        var counted: [String: Tally] = [:]
        for probe in Probe.all {
            if let key = probe.key { counted[key] = Tally(1, Int64(probe.bytes.count)) }
        }
        change(&counted)
        return Observation(
            echoes: 5,
            datagrams: 3,
            loopback: loopback,
            frames: frames ?? counted,
            accepted: accepted,
            many: room,
            flagged: Probe.wanted(exchanged: true),
            crowd: 2,
            crowded: Tally(8001, 8001 * 62),
            callsFunctions: callsFunctions
        )
    }

    private static func changed(_ change: (inout Observation) -> Void) -> Observation {
        var seen = seen()
        change(&seen)
        return seen
    }
}
