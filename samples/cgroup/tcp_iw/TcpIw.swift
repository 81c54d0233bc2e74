import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Lets the end that connects begin with 40 segments, and gives both ends large buffers and windows.
struct TcpIw: SocketOpsSample {
    static let manifest = Manifest(
        summary: "a sockops program sets the initial congestion window, the buffers and the receive window of TCP",
        oracle:
            "in the cgroup, on port 55601 of either end and over both versions of IP, the end that connects has a congestion "
            + "window of 40 segments and the end that accepts its own; both have the buffers of a user who asked for 1500000 "
            + "bytes, and SYN and SYN-ACK offer 40 segments on the wire; each reply is that of its operation (40, 0 or -1) and "
            + "printed, and all other connections are as without the program",
        kernSources: ["samples/bpf/tcp_iw_kern.c"],
        programTypes: ["SOCK_OPS"],
        needs: .socketOps
    )

    static let traits: [TCPTrait] = [.offeredWindow, .synTimeout, .sendBuffer, .receiveBuffer, .congestionWindow]
    static let bufferRequest: CInt = 1_500_000

    static func reply(to operation: SocketOperation, in one: SocketOpsCase, _ seen: SocketOpsObservation) -> Int {
        guard one.hasPort else { return -1 }
        return switch operation {
        case .receiveWindow: 40
        case .connect, .activeEstablished, .passiveEstablished: 0
        default: -1
        }
    }

    static func effects(
        on end: TCPFlow.End,
        of one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> [TCPTrait: Int] {
        guard one.hasPort else { return [:] }
        var effects: [TCPTrait: Int] = [
            .sendBuffer: seen.granted.send, .receiveBuffer: seen.granted.receive,
            .offeredWindow: 40 * TCPFlow.segmentLimit,
        ]
        if end == .client { effects[.congestionWindow] = 40 }
        return effects
    }

    static let examples: [Example<SocketOpsObservation>] =
        commonExamples() + [
            .rejected(
                "the server's window set too",
                changed { $0.flows["IPv4"]?.server.traits["congestionWindow"] = 40 }
            ),
            .rejected("the window as ever", changed { $0.flows["IPv4"]?.client.traits["congestionWindow"] = 10 }),
        ]
}
