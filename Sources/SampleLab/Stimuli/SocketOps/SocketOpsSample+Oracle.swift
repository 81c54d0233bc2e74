import LibBPF
public import RunModel
import SampleKit

extension SocketOpsSample {
    /// Every connection with those that are repeated on the processors that were used.
    public static func allCases(_ seen: SocketOpsObservation) -> [SocketOpsCase] {
        cases.flatMap { one in
            [one] + (one.isForProcessors ? seen.processors.map { one.on(CInt($0)) } : [])
        }
    }

    /// Compares every call, every line and everything measured with what ``reply(to:in:_:)`` and the rest say.
    public func judge(_ seen: SocketOpsObservation) -> Judgement {
        var checks: [Check] = [
            .equal("the program was attached", expected: true, observed: seen.isAttached),
            .atLeast("processors", bound: 1, observed: seen.processors.count),
        ]
        for one in Self.allCases(seen) {
            guard let flow = seen.flows[one.name] else {
                checks.append(.equal("\(one.name): connections", expected: 1, observed: 0))
                continue
            }
            checks.append(
                .equal("\(one.name): calls", expected: Self.calls(flow, one, seen), observed: Self.text(of: flow))
            )
            checks.append(
                .equal("\(one.name): calls that print wrong", expected: [], observed: Self.misprints(flow, one, seen))
            )
            for end in TCPFlow.End.allCases {
                checks.append(
                    .equal(
                        "\(one.name): the \(end.rawValue)",
                        expected: Self.text(Self.expected(end, one, seen), Self.algorithm(end, one, seen)),
                        observed: Self.text(flow[end].traits, flow[end].algorithm)
                    )
                )
            }
        }
        checks += Self.differences(seen)
        if !Self.deafRoutes.isEmpty {
            checks += [
                .equal("the server that repeats its SYN-ACK first", expected: "server 0", observed: seen.firstRepeated),
                // The timer's first tick may be nearly over when it is set.
                .atLeast(
                    "microseconds before that",
                    bound: Self.deafTicks(seen) * seen.tick,
                    observed: seen.repeatedAfter
                ),
            ]
        }
        return Judgement(
            checks,
            notReached: SenderProcessors.notReached(onOthers: seen.processors.count - 1)
        )
    }

    /// One tick less than the timeout that the first of the deaf routes has.
    private static func deafTicks(_ seen: SocketOpsObservation) -> Int {
        let one = SocketOpsCase("", deafRoutes[0])
        return reply(to: .timeout, in: one, seen) - 1
    }

    // MARK: Calls

    /// What a call must have answered; those outside of the cgroup are nobody's.
    static func answer(
        _ call: SocketOpsRecorder.Call,
        _ isInside: Bool,
        _ one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> Int? {
        guard isInside else { return 0 }
        return SocketOperation(rawValue: call.operation).map { reply(to: $0, in: one, seen) }
    }

    /// What must have been called: what every kernel asks for, and what this one asked for besides.
    private static func calls(
        _ flow: SocketOpsObservation.Flow,
        _ one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> String {
        let always: [(name: String, [SocketOperation], [SocketOpsRecorder.Call], Bool)] = [
            ("listener", [.listen], flow.listener, one.isServerInside),
            (
                "client", [.connect, .receiveWindow, .timeout, .needsECN, .activeEstablished], flow.client.calls,
                one.isClientInside
            ),
            ("server", [.receiveWindow, .timeout, .passiveEstablished], flow.server.calls, one.isServerInside),
        ]
        return always.map { name, least, calls, isInside in
            // Only NV asks for the round trip that it shall begin with.
            let more = one.route.congestionControl == "nv" && name != "listener" ? [SocketOperation.baseRoundTrip] : []
            let operations = Set((least + more).map(\.rawValue)).union(calls.map(\.operation))
            let expected = operations.map { operation in
                let call = SocketOpsRecorder.Call(operation: operation, reply: 0)
                let reply = answer(call, isInside, one, seen).map { "\($0)" } ?? "none"
                return (operation, reply, 1)
            }
            return "\(name) \(text(expected))"
        }.joined(separator: "; ") + "; others 0"
    }

    private static func text(of flow: SocketOpsObservation.Flow) -> String {
        let all = [("listener", flow.listener), ("client", flow.client.calls), ("server", flow.server.calls)]
        return all.map { name, calls in
            // What a kernel may ask for again counts once, if it was answered the same.
            var counts: [[Int]: Int] = [:]
            for call in calls { counts[[call.operation, call.reply], default: 0] += 1 }
            let seen = counts.map { key, count in
                (key[0], "\(key[1])", SocketOperation(rawValue: key[0])?.isOnce == true ? count : 1)
            }
            return "\(name) \(text(seen))"
        }.joined(separator: "; ") + "; others \(flow.strays)"
    }

    private static func text(_ answers: [(operation: Int, reply: String, count: Int)]) -> String {
        answers.sorted { ($0.operation, $0.reply) < ($1.operation, $1.reply) }
            .map { "\($0.operation):\($0.reply)" + ($0.count == 1 ? "" : " x\($0.count)") }
            .joined(separator: " ")
    }

    private static func misprints(
        _ flow: SocketOpsObservation.Flow,
        _ one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> [String] {
        let all =
            (flow.listener + flow.server.calls).map { ($0, one.isServerInside) }
            + flow.client.calls.map { ($0, one.isClientInside) }
        return all.compactMap { call, isInside in
            guard let operation = SocketOperation(rawValue: call.operation) else { return nil }
            let expected = isInside ? lines(of: operation, reply(to: operation, in: one, seen), in: one) : []
            // The network's softirq may have served somebody else's connection before this one.
            let own = call.isShared ? Array(call.lines.suffix(expected.count)) : call.lines
            return own == expected ? nil : "\(call.operation) printed \(own)"
        }
    }

    // MARK: Ends

    /// The connection of the same family that no program saw.
    private static func reference(
        _ end: TCPFlow.End,
        _ one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> SocketOpsObservation.End {
        seen.flows[one.route.isIPv6 ? SocketOpsCase.outside6 : SocketOpsCase.outside4]?[end] ?? .init()
    }

    private static func expected(
        _ end: TCPFlow.End,
        _ one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> [String: Int] {
        var traits = reference(end, one, seen).traits
        if end == .client, traits["\(TCPTrait.serviceClass)"] != nil {
            traits["\(TCPTrait.serviceClass)"] = Int(one.route.serviceClass)
        }
        for (trait, value) in inside(end, one, seen) { traits["\(trait)"] = value }
        return traits
    }

    private static func algorithm(
        _ end: TCPFlow.End,
        _ one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> String {
        one.isInside(end) ? algorithm(of: end, of: one, seen) : one.route.congestionControl
    }

    private static func inside(
        _ end: TCPFlow.End,
        _ one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> [TCPTrait: Int] {
        one.isInside(end) ? effects(on: end, of: one, seen) : [:]
    }

    private static func text(_ traits: [String: Int], _ algorithm: String) -> String {
        (traits.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" } + [algorithm]).joined(separator: ", ")
    }

    /// What the kernel gives by itself must not always be what the program sets: nothing could be told from it.
    private static func differences(_ seen: SocketOpsObservation) -> [Check] {
        var given: [String: (own: Int, set: Set<Int>)] = [:]
        for one in cases {
            let family = one.route.isIPv6 ? "IPv6" : "IPv4"
            for end in TCPFlow.End.allCases {
                for (trait, value) in inside(end, one, seen) {
                    let own = reference(end, one, seen).traits["\(trait)"] ?? value
                    given["the kernel's own \(trait) of a \(end.rawValue) over \(family)", default: (own, [])].set
                        .insert(value)
                }
            }
        }
        return given.sorted { $0.key < $1.key }.map { claim, values in
            Check(
                claim: claim,
                expected: "not only \(values.set.sorted())",
                observed: "\(values.own)",
                held: values.set != [values.own]
            )
        }
    }
}
