import RunModel
import SampleKit

extension TcpClamp {
    /// The connections that the program takes care of.
    private static let clamped = ["same address", "44 bits shared"]
    /// Those that it leaves alone, each with one that it never sees.
    private static let untouched = [
        ("43 bits shared", "outside"),
        ("first word differs", "outside"),
        ("other port", "outside"),
        ("IPv4", "IPv4 outside"),
    ]

    func judge(_ seen: Observation) -> Judgement {
        var checks: [Check] = [.equal("the program was attached", expected: true, observed: seen.isAttached)]
        for name in ["outside", "IPv4 outside"] {
            let flow = seen.flows[name] ?? Observation.Flow()
            checks.append(
                .atLeast("\(name): microseconds of SYN timeout", bound: seen.tenTicks + 1, observed: flow.synTimeout)
            )
            for (end, found) in [("client", flow.client), ("server", flow.server)] {
                checks.append(.atLeast("\(name): window of the \(end)", bound: 101, observed: found.window))
                checks += Self.differ("\(name): send buffer of the \(end)", found.sendBuffer, seen.granted.sendBuffer)
                checks += Self.differ(
                    "\(name): receive buffer of the \(end)",
                    found.receiveBuffer,
                    seen.granted.receiveBuffer
                )
            }
        }
        for name in Self.clamped {
            let flow = seen.flows[name] ?? Observation.Flow()
            checks.append(
                .equal("\(name): microseconds of SYN timeout", expected: seen.tenTicks, observed: flow.synTimeout)
            )
            for (end, found) in [("client", flow.client), ("server", flow.server)] {
                checks += Self.buffers(of: "\(name): \(end)", expected: seen.granted, observed: found)
                checks.append(.equal("\(name): largest window of the \(end)", expected: 100, observed: found.window))
            }
        }
        for (name, reference) in Self.untouched {
            let flow = seen.flows[name] ?? Observation.Flow()
            let free = seen.flows[reference] ?? Observation.Flow()
            checks.append(
                .equal("\(name): microseconds of SYN timeout", expected: free.synTimeout, observed: flow.synTimeout)
            )
            for (end, found, expected) in [("client", flow.client, free.client), ("server", flow.server, free.server)] {
                checks += Self.buffers(of: "\(name): \(end)", expected: expected, observed: found)
                checks.append(.atLeast("\(name): largest window of the \(end)", bound: 101, observed: found.window))
            }
        }
        return Judgement(checks, notReached: ["the timeout of the SYN-ACK, which no call of the server's tells"])
    }

    private static func buffers(of name: String, expected: Observation.End, observed: Observation.End) -> [Check] {
        [
            .equal("\(name)'s send buffer", expected: expected.sendBuffer, observed: observed.sendBuffer),
            .equal("\(name)'s receive buffer", expected: expected.receiveBuffer, observed: observed.receiveBuffer),
        ]
    }

    /// A size that the kernel gives by itself must not be the program's: nothing could be told from it.
    private static func differ(_ claim: String, _ found: Int, _ granted: Int) -> [Check] {
        [Check(claim: claim, expected: "not \(granted)", observed: "\(found)", held: found > 0 && found != granted)]
    }

    static let examples: [Example<Observation>] = [
        .accepted("clamped where it must be", good()),
        .accepted(
            "a kernel with HZ=1000 and low limits",
            changed { seen in
                seen.tenTicks = 10_000
                seen.granted = ours(200_000)
                for name in clamped { seen.flows[name] = flow(10_000, ours(200_000)) }
            }
        ),
        .rejected("nothing sent", Observation()),
        .rejected("nothing connected", changed { $0.flows = [:] }),
        .rejected("not attached", changed { $0.isAttached = false }),
        .rejected("nothing clamped", changed { seen in for name in clamped { seen.flows[name] = free } }),
        .rejected("everything clamped", changed { seen in for name in seen.flows.keys { seen.flows[name] = tight } }),
        .rejected("the port not looked at", changed { $0.flows["other port"] = tight }),
        .rejected("the family not looked at", changed { $0.flows["IPv4"] = tight }),
        .rejected(
            "the prefix not looked at",
            changed { seen in
                for name in ["43 bits shared", "first word differs"] { seen.flows[name] = tight }
            }
        ),
        .rejected("48 bits compared", changed { $0.flows["44 bits shared"] = free }),
        .rejected("the client's buffers not set", changed { $0.flows["same address"]?.client = theirs(window: 100) }),
        .rejected("the server's buffers not set", changed { $0.flows["same address"]?.server = theirs(window: 100) }),
        .rejected("buffers not doubled", changed { $0.flows["same address"]?.client = ours(150_000) }),
        .rejected("only the receive buffer set", changed { $0.flows["same address"]?.server.sendBuffer = 46_080 }),
        .rejected("the server not clamped", changed { $0.flows["same address"]?.server.window = 240 }),
        .rejected("the clamp one too high", changed { $0.flows["same address"]?.client.window = 101 }),
        .rejected("the clamp one too low", changed { $0.flows["same address"]?.client.window = 99 }),
        .rejected("the SYN's timeout as ever", changed { $0.flows["same address"]?.synTimeout = 1_000_000 }),
        .rejected("the SYN's timeout in milliseconds", changed { $0.flows["same address"]?.synTimeout = 10_000 }),
        .rejected(
            "no window grows",
            changed { seen in for name in seen.flows.keys { seen.flows[name]?.client.window = 100 } }
        ),
    ]

    private static func ours(_ buffer: Int) -> Observation.End {
        Observation.End(sendBuffer: buffer, receiveBuffer: buffer, window: 100)
    }

    private static func theirs(window: Int) -> Observation.End {
        Observation.End(sendBuffer: 46_080, receiveBuffer: 131_072, window: window)
    }

    private static func flow(_ timeout: Int, _ end: Observation.End) -> Observation.Flow {
        Observation.Flow(synTimeout: timeout, client: end, server: end)
    }

    private static let tight = flow(40_000, ours(300_000))
    private static let free = flow(1_000_000, theirs(window: 240))

    private static func good() -> Observation {
        var seen = Observation(isAttached: true, granted: ours(300_000), tenTicks: 40_000)
        for name in clamped { seen.flows[name] = tight }
        for (name, reference) in untouched {
            seen.flows[name] = free
            seen.flows[reference] = free
        }
        return seen
    }

    private static func changed(_ change: (inout Observation) -> Void) -> Observation {
        var seen = good()
        change(&seen)
        return seen
    }
}
