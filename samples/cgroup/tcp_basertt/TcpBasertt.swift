import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Tells NV, which congestion control asks for it, with which round trip to begin between near IPv6 addresses.
struct TcpBasertt: SocketOpsSample {
    static let manifest = Manifest(
        summary: "a sockops program sets the base round trip of TCP connections under NV within a datacentre",
        oracle:
            "in the cgroup, on any port, the kernel's NV asks for the base round trip of both ends and is answered 80 between "
            + "IPv6 addresses that share 44 bits, -1 between others and over IPv4; every other reply is -1, each is printed with "
            + "its operation, and under Reno nobody asks; an end that was answered 80 goes by a round trip of 80 microseconds after "
            + "one that took milliseconds, any other by what it took, and all connections are else as without the program",
        kernSources: ["samples/bpf/tcp_basertt_kern.c"],
        programTypes: ["SOCK_OPS"],
        needs: .socketOps + ["CONFIG_TCP_CONG_NV", "clang>=15"]
    )

    static let traits: [TCPTrait] = [
        .shortestRoundTrip, .synTimeout, .sendBuffer, .receiveBuffer, .offeredWindow, .congestionWindow,
    ]

    /// All connections with NV, those that no program sees included; and one with Reno.
    static let cases =
        SocketOpsCase.standard.map { one in
            let route = one.route
            return SocketOpsCase(
                one.name,
                TCPRoute(
                    from: route.source,
                    to: route.target,
                    port: route.port,
                    clientPort: route.clientPort,
                    congestionControl: "nv"
                ),
                isClientInside: one.isClientInside,
                isServerInside: one.isServerInside,
                isForProcessors: one.isForProcessors,
                isByThread: one.isByThread
            )
        } + [SocketOpsCase("Reno", SocketOpsCase.near)]

    private static func isNV(_ one: SocketOpsCase) -> Bool { one.route.congestionControl == "nv" }

    static func reply(to operation: SocketOperation, in one: SocketOpsCase, _ seen: SocketOpsObservation) -> Int {
        operation == .baseRoundTrip && one.sharesPrefix(of: 44) && isNV(one) ? 80 : -1
    }

    static func effects(
        on end: TCPFlow.End,
        of one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> [TCPTrait: Int] {
        // Reno tells no round trip at all.
        guard isNV(one) else { return [.shortestRoundTrip: 0] }
        return one.sharesPrefix(of: 44) ? [.shortestRoundTrip: 80] : [:]
    }

    static func lines(of operation: SocketOperation, _ reply: Int, in one: SocketOpsCase) -> [String] {
        ["BPF command: \(operation.rawValue)", "Returning \(reply)"]
    }

    static let examples: [Example<SocketOpsObservation>] =
        commonExamples() + [
            .rejected("nobody asked", changed { $0.flows["same address"]?.client.calls.removeLast() }),
            .rejected(
                "answered and not listened to",
                changed { $0.flows["same address"]?.server.traits["shortestRoundTrip"] = TCPTrait.longRoundTrip }
            ),
            .rejected(
                "80 for everybody",
                changed { seen in
                    for name in seen.flows.keys {
                        seen.flows[name]?.client.traits["shortestRoundTrip"] = 80
                        seen.flows[name]?.server.traits["shortestRoundTrip"] = 80
                    }
                }
            ),
        ]
}
