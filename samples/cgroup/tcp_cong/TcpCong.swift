import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Chooses DCTCP with ECN between near IPv6 addresses.
struct TcpCong: SocketOpsSample {
    static let manifest = Manifest(
        summary: "a sockops program chooses DCTCP and ECN for TCP connections within a datacentre",
        oracle:
            "in the cgroup, on port 55601 of either end, SYN and SYN-ACK between IPv6 addresses that share 44 bits say that "
            + "they can do ECN, both ends have agreed on it, and both have DCTCP for congestion control; a kernel that has no "
            + "DCTCP answers -2 and leaves the congestion control; every other reply is -1, each is printed with its operation, "
            + "and all other connections are as without the program",
        kernSources: ["samples/bpf/tcp_cong_kern.c"],
        programTypes: ["SOCK_OPS"],
        needs: .socketOps,
        helpfulOptions: ["CONFIG_TCP_CONG_DCTCP"]
    )

    static let traits: [TCPTrait] = [
        .offeredECN, .hasECN, .offeredWindow, .synTimeout, .sendBuffer, .receiveBuffer, .congestionWindow,
    ]

    private static func isChosen(_ one: SocketOpsCase) -> Bool { one.hasPort && one.sharesPrefix(of: 44) }

    static func reply(to operation: SocketOperation, in one: SocketOpsCase, _ seen: SocketOpsObservation) -> Int {
        guard isChosen(one) else { return -1 }
        return switch operation {
        case .needsECN: 1
        // ENOENT where the kernel has none of that name.
        case .activeEstablished, .passiveEstablished: seen.algorithms.contains("dctcp") ? 0 : -2
        default: -1
        }
    }

    static func effects(
        on end: TCPFlow.End,
        of one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> [TCPTrait: Int] {
        guard isChosen(one) else { return [:] }
        // A server agrees only if it was asked, and a client only with a server that agrees.
        if one.isClientInside && one.isServerInside { return [.offeredECN: 1, .hasECN: 1] }
        return end == .client ? [.offeredECN: 1] : [:]
    }

    static func algorithm(of end: TCPFlow.End, of one: SocketOpsCase, _ seen: SocketOpsObservation) -> String {
        guard isChosen(one), seen.algorithms.contains("dctcp") else { return one.route.congestionControl }
        // Without ECN the kernel falls back to what it calls so (net/ipv4/tcp_dctcp.c).
        return one.isClientInside && one.isServerInside ? "dctcp" : "dctcp-reno"
    }

    static let examples: [Example<SocketOpsObservation>] =
        commonExamples() + [
            .accepted("a kernel with DCTCP", withDCTCP),
            .rejected(
                "chosen although there is none",
                changed { $0.flows["same address"]?.client.algorithm = "dctcp" }
            ),
            .rejected("not chosen", changed(withDCTCP) { $0.flows["same address"]?.server.algorithm = "reno" }),
            .rejected("the kernel says that there is none, and has it", changed { $0.algorithms.append("dctcp") }),
        ]

    private static let withDCTCP = sound(algorithms: ["reno", "cubic", "dctcp"])
}
