import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Gives the ends of TCP connections between near IPv6 addresses small buffers, a small window and a short SYN timeout.
struct TcpClamp: SocketOpsSample {
    static let manifest = Manifest(
        summary: "a sockops program clamps buffers, window and SYN timeout of TCP connections within a datacentre",
        oracle:
            "in the cgroup, on port 55601 of either end, both ends between IPv6 addresses that share 44 bits have the buffers of "
            + "a user who asked for 150000 bytes and a congestion window that grows to 100 and no further; a SYN waits ten "
            + "ticks, and a SYN-ACK is repeated after them; each reply is that of its operation (10, 0 or -1) and printed, and "
            + "all other connections are as without the program",
        kernSources: ["samples/bpf/tcp_clamp_kern.c"],
        programTypes: ["SOCK_OPS"],
        needs: .socketOps
    )

    static let traits: [TCPTrait] = [
        .synTimeout, .sendBuffer, .receiveBuffer, .largestWindow, .offeredECN, .hasECN, .congestionWindow,
    ]
    static let bufferRequest: CInt = 150_000
    static let deafRoutes = [SocketOpsCase.near, SocketOpsCase.far]

    private static func isChosen(_ one: SocketOpsCase) -> Bool { one.hasPort && one.sharesPrefix(of: 44) }

    static func reply(to operation: SocketOperation, in one: SocketOpsCase, _ seen: SocketOpsObservation) -> Int {
        guard isChosen(one) else { return -1 }
        return switch operation {
        case .timeout: 10
        case .connect, .activeEstablished, .passiveEstablished: 0
        default: -1
        }
    }

    static func effects(
        on end: TCPFlow.End,
        of one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> [TCPTrait: Int] {
        guard isChosen(one) else { return [:] }
        var effects: [TCPTrait: Int] = [
            .sendBuffer: seen.granted.send, .receiveBuffer: seen.granted.receive, .largestWindow: 100,
        ]
        if end == .client { effects[.synTimeout] = reply(to: .timeout, in: one, seen) * seen.tick }
        return effects
    }

    static let examples: [Example<SocketOpsObservation>] =
        commonExamples() + [
            .accepted(
                "a kernel with low limits",
                changed { seen in
                    seen.granted = .init(send: 200_000, receive: 200_000)
                    for one in allCases(seen) where isChosen(one) {
                        for end in TCPFlow.End.allCases where one.isInside(end) {
                            seen.flows[one.name]?[end].traits["sendBuffer"] = 200_000
                            seen.flows[one.name]?[end].traits["receiveBuffer"] = 200_000
                        }
                    }
                }
            ),
            .rejected(
                "the clamp one too low",
                changed { $0.flows["same address"]?.client.traits["largestWindow"] = 99 }
            ),
            .rejected(
                "no window grows",
                changed { seen in
                    for name in seen.flows.keys { seen.flows[name]?.client.traits["largestWindow"] = 100 }
                }
            ),
        ]
}
