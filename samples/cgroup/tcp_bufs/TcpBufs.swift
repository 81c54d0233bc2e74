import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Gives the ends of TCP connections large buffers and a window of 40 segments to begin with.
struct TcpBufs: SocketOpsSample {
    static let manifest = Manifest(
        summary: "a sockops program sets the buffers and the initial receive window of TCP connections",
        oracle:
            "in the cgroup, on port 55601 of either end and over both versions of IP, the end that connects and the end that "
            + "accepts have the buffers of a user who asked for 1500000 bytes, and SYN and SYN-ACK offer 40 segments on the "
            + "wire; each reply is that of its operation (40, 0 or -1) and printed, and all other connections are as without it",
        kernSources: ["samples/bpf/tcp_bufs_kern.c"],
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

    /// The source prints "Returning" where the others print the operation.
    static func lines(of operation: SocketOperation, _ reply: Int, in one: SocketOpsCase) -> [String] {
        one.hasPort(in: operation) ? ["Returning 0", "Returning \(reply)"] : []
    }

    static func effects(
        on end: TCPFlow.End,
        of one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> [TCPTrait: Int] {
        guard one.hasPort else { return [:] }
        return [
            .sendBuffer: seen.granted.send, .receiveBuffer: seen.granted.receive,
            .offeredWindow: 40 * TCPFlow.segmentLimit,
        ]
    }

    static let examples: [Example<SocketOpsObservation>] =
        commonExamples() + [
            .rejected("buffers not doubled", changed { $0.flows["IPv4"]?.client.traits["sendBuffer"] = 1_500_000 }),
            .rejected(
                "only the client's set",
                changed { seen in
                    let free = seen.flows["outside"]?.server.traits["sendBuffer"]
                    seen.flows["same address"]?.server.traits["sendBuffer"] = free
                }
            ),
        ]
}
