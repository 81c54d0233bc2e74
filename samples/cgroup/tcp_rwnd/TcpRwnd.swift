import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Opens the initial receive window between IPv6 addresses that are far from each other.
struct TcpRwnd: SocketOpsSample {
    static let manifest = Manifest(
        summary: "a sockops program sets the initial receive window of TCP connections between datacentres",
        oracle:
            "in the cgroup, on port 55601 of either end, the SYN and the SYN-ACK between IPv6 addresses that share fewer than "
            + "52 bits offer a window of 40 segments on the wire, and the reply to the operation that asks for it is 40; every "
            + "other reply is -1, each is printed with its operation, and all other connections are as without the program",
        kernSources: ["samples/bpf/tcp_rwnd_kern.c"],
        programTypes: ["SOCK_OPS"],
        needs: .socketOps
    )

    static let traits: [TCPTrait] = [.offeredWindow, .synTimeout, .sendBuffer, .receiveBuffer, .congestionWindow]

    /// The source speaks of 44 bits ("5.5 bytes") and compares 52.
    static func reply(to operation: SocketOperation, in one: SocketOpsCase, _ seen: SocketOpsObservation) -> Int {
        operation == .receiveWindow && one.hasPort && one.route.isIPv6 && !one.sharesPrefix(of: 52) ? 40 : -1
    }

    static func effects(
        on end: TCPFlow.End,
        of one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> [TCPTrait: Int] {
        let segments = reply(to: .receiveWindow, in: one, seen)
        return segments > 0 ? [.offeredWindow: segments * TCPFlow.segmentLimit] : [:]
    }

    static let examples: [Example<SocketOpsObservation>] =
        commonExamples() + [
            .rejected(
                "44 bits compared",
                changed { seen in
                    for name in ["51 bits shared", "44 bits shared"] { seen.flows[name] = seen.flows["same address"] }
                }
            ),
            .rejected(
                "39 segments offered",
                changed { $0.flows["43 bits shared"]?.server.traits["offeredWindow"] = 9984 }
            ),
        ]
}
