import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Shortens the timeout of SYNs and SYN-ACKs between near IPv6 addresses.
struct TcpSynrto: SocketOpsSample {
    static let manifest = Manifest(
        summary: "a sockops program shortens the timeout of SYN and SYN-ACK within a datacentre",
        oracle:
            "in the cgroup, on port 55601 of either end, IPv6 addresses that share 44 bits have the operation that asks for "
            + "a timeout answered with 10 ticks: a SYN waits exactly that long, and a SYN-ACK is repeated after it; every other "
            + "reply is -1, each is printed with its operation, and all other connections are as without the program",
        kernSources: ["samples/bpf/tcp_synrto_kern.c"],
        programTypes: ["SOCK_OPS"],
        needs: .socketOps
    )

    static let traits: [TCPTrait] = [.synTimeout, .sendBuffer, .receiveBuffer, .offeredWindow, .congestionWindow]
    static let deafRoutes = [SocketOpsCase.near, SocketOpsCase.far]

    static func reply(to operation: SocketOperation, in one: SocketOpsCase, _ seen: SocketOpsObservation) -> Int {
        operation == .timeout && one.hasPort && one.sharesPrefix(of: 44) ? 10 : -1
    }

    static func effects(
        on end: TCPFlow.End,
        of one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> [TCPTrait: Int] {
        let ticks = reply(to: .timeout, in: one, seen)
        return end == .client && ticks > 0 ? [.synTimeout: ticks * seen.tick] : [:]
    }

    static let examples: [Example<SocketOpsObservation>] =
        commonExamples() + [
            .rejected(
                "the timeout in milliseconds",
                changed {
                    $0.flows["same address"]?.client.traits["synTimeout"] = 10_000
                }
            )
        ]
}
