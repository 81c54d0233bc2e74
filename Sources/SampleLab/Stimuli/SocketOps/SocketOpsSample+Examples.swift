import LibBPF
public import SampleKit

extension SocketOpsSample {
    /// What a sound kernel does, as the oracle expects it, and mistakes of every kind that all such samples share.
    ///
    /// - Parameter algorithms: The congestion controls of the kernel.
    /// - Returns: Examples of both kinds.
    public static func commonExamples(algorithms: [String] = ["reno", "cubic"]) -> [Example<SocketOpsObservation>] {
        let sound = sound(algorithms: algorithms)
        func changed(_ mistake: (inout SocketOpsObservation) -> Void) -> SocketOpsObservation {
            self.changed(sound, mistake)
        }
        let inside = allCases(sound).filter { $0.isClientInside || $0.isServerInside }
        let first = inside[0].name
        func again(_ operation: SocketOperation) -> SocketOpsRecorder.Call {
            sound.flows[first]?.client.calls.first { $0.operation == operation.rawValue }
                ?? .init(operation: 0, reply: 0)
        }
        var found: [Example<SocketOpsObservation>] = [
            .accepted("as it must be", sound),
            .accepted("replies asked for twice", changed { $0.flows[first]?.client.calls += [again(.timeout)] }),
            .accepted(
                "another's lines in the softirq",
                changed { seen in
                    for place in seen.flows[first]?.server.calls.indices ?? 0..<0 {
                        seen.flows[first]?.server.calls[place].lines.insert("BPF command: 9", at: 0)
                        seen.flows[first]?.server.calls[place].isShared = true
                    }
                }
            ),
            .rejected("nothing seen", SocketOpsObservation()),
            .rejected("nothing connected", changed { $0.flows = [:] }),
            .rejected("not attached", changed { $0.isAttached = false }),
            .rejected("no processor", changed { $0.processors = [] }),
            .rejected("connected twice", changed { $0.flows[first]?.client.calls += [again(.connect)] }),
            .rejected("a call for nobody", changed { $0.flows[first]?.strays = 1 }),
            .rejected("an operation nobody knows", changed { $0.flows[first]?.client.calls[0].operation = 99 }),
            .rejected("never called", changed { $0.flows[first]?.listener = [] }),
            .rejected(
                "a line more",
                changed { $0.flows[first]?.client.calls[0].lines.append("BPF command: 9") }
            ),
            .rejected(
                "seen outside of the cgroup",
                changed { $0.flows[SocketOpsCase.outside6]?.client.calls[0].reply = -1 }
            ),
        ]
        for one in inside {
            found.append(.rejected("\(one.name): missing", changed { $0.flows[one.name] = nil }))
            let end = one.isClientInside ? TCPFlow.End.client : .server
            for place in sound.flows[one.name]?[end].calls.indices ?? 0..<0 {
                let operation = sound.flows[one.name]?[end].calls[place].operation ?? 0
                found.append(
                    .rejected(
                        "\(one.name): reply to \(operation) one too high",
                        changed { $0.flows[one.name]?[end].calls[place].reply += 1 }
                    )
                )
            }
            for end in TCPFlow.End.allCases {
                for trait in (sound.flows[one.name]?[end].traits.keys.sorted() ?? []) {
                    found.append(
                        .rejected(
                            "\(one.name): \(trait) of the \(end.rawValue) one too high",
                            changed { $0.flows[one.name]?[end].traits[trait]? += 1 }
                        )
                    )
                }
            }
        }
        if inside.contains(where: { !lines(of: .timeout, 0, in: $0).isEmpty }) {
            found.append(
                .rejected("nothing printed", changed { $0.flows[first]?.client.calls[0].lines = [] })
            )
        }
        if !deafRoutes.isEmpty {
            found += [
                .rejected("no SYN-ACK repeated", changed { $0.firstRepeated = "" }),
                .rejected("another SYN-ACK repeated first", changed { $0.firstRepeated = "server 1" }),
                .rejected("a SYN-ACK repeated at once", changed { $0.repeatedAfter = 100 }),
            ]
        }
        return found
    }

    /// What a sound kernel does, or another observation, with a mistake in it.
    public static func changed(
        _ seen: SocketOpsObservation = sound(),
        _ mistake: (inout SocketOpsObservation) -> Void
    ) -> SocketOpsObservation {
        var seen = seen
        mistake(&seen)
        return seen
    }

    /// What the oracle expects to see, on a kernel with a tick of 4 ms and two processors.
    public static func sound(algorithms: [String] = ["reno", "cubic"]) -> SocketOpsObservation {
        var seen = SocketOpsObservation()
        seen.isAttached = true
        seen.processors = [0, 1]
        seen.tick = 4000
        seen.algorithms = algorithms
        if bufferRequest > 0 {
            seen.granted = .init(send: Int(bufferRequest) * 2, receive: Int(bufferRequest) * 2)
        }
        if !deafRoutes.isEmpty {
            seen.firstRepeated = "server 0"
            seen.repeatedAfter = 41_000
        }
        for one in allCases(seen) {
            var flow = SocketOpsObservation.Flow()
            let answered: (SocketOperation, Bool) -> SocketOpsRecorder.Call = { operation, isInside in
                guard isInside else { return .init(operation: operation.rawValue, reply: 0) }
                let reply = reply(to: operation, in: one, seen)
                return .init(operation: operation.rawValue, reply: reply, lines: lines(of: operation, reply, in: one))
            }
            flow.listener = [answered(.listen, one.isServerInside)]
            flow.client.calls = [.connect, .receiveWindow, .timeout, .needsECN, .activeEstablished].map {
                answered($0, one.isClientInside)
            }
            flow.server.calls = [.receiveWindow, .timeout, .passiveEstablished].map {
                answered($0, one.isServerInside)
            }
            for end in TCPFlow.End.allCases {
                for trait in traits where trait != .synTimeout || end == .client {
                    flow[end].traits["\(trait)"] = usual(trait)
                }
                if traits.contains(.shortestRoundTrip), one.route.congestionControl != "nv" {
                    flow[end].traits["\(TCPTrait.shortestRoundTrip)"] = 0
                }
                if one.route.congestionControl == "nv" {
                    flow[end].calls.append(answered(.baseRoundTrip, one.isInside(end)))
                }
                if end == .client, traits.contains(.serviceClass) {
                    flow[end].traits["\(TCPTrait.serviceClass)"] = Int(one.route.serviceClass)
                }
                flow[end].algorithm = one.route.congestionControl
                flow[end].port = end == .client ? 20_001 : Int(one.route.port)
                if one.isInside(end) {
                    for (trait, value) in effects(on: end, of: one, seen) { flow[end].traits["\(trait)"] = value }
                    flow[end].algorithm = algorithm(of: end, of: one, seen)
                }
            }
            seen.flows[one.name] = flow
        }
        return seen
    }

    /// What a kernel gives by itself.
    private static func usual(_ trait: TCPTrait) -> Int {
        switch trait {
        case .sendBuffer: 46_080
        case .receiveBuffer: 131_072
        case .congestionWindow: 10
        case .largestWindow: TCPTrait.enoughSegments
        case .synTimeout: 1_000_000
        case .offeredWindow: 65_535
        case .shortestRoundTrip: TCPTrait.longRoundTrip
        case .offeredECN, .hasECN, .serviceClass: 0
        }
    }
}
