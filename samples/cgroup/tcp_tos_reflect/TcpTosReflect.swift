import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Lets a server send with the type of service or the traffic class that the client's SYN came with.
struct TcpTosReflect: SocketOpsSample {
    static let manifest = Manifest(
        summary: "a sockops program gives accepted TCP connections the type of service of the client's SYN",
        oracle:
            "a server in the cgroup, on any port, has the IP_TOS or IPV6_TCLASS that the client sent its SYN with, whatever "
            + "bits are set in it, and its own where the client had none; a server outside and every client keep theirs; the "
            + "reply is 0 for a listener and for an accepted connection, else -1, and each is printed with its operation",
        kernSources: ["samples/bpf/tcp_tos_reflect_kern.c"],
        programTypes: ["SOCK_OPS"],
        needs: .socketOps
    )

    static let traits: [TCPTrait] = [.serviceClass, .sendBuffer, .receiveBuffer, .offeredWindow, .congestionWindow]

    /// Classes with one bit and with all; the two lowest are ECN's, which no stream socket can set.
    private static let classes: [UInt8] = [0x04, 0x10, 0x20, 0x80, 0xb8, 0xfc]

    static let cases =
        SocketOpsCase.references
        + ["6": InternetAddress.v6(.loopback), "4": .v4(.loopback)].sorted { $0.key < $1.key }.flatMap {
            name,
            address in
            classes.map { value in
                SocketOpsCase(
                    "IPv\(name), \(value)",
                    TCPRoute(from: address, to: address, port: 50_000, serviceClass: value),
                    isForProcessors: value == 0xb8
                )
            } + [
                SocketOpsCase("IPv\(name), none", TCPRoute(from: address, to: address, port: SocketOpsCase.port)),
                SocketOpsCase(
                    "IPv\(name), client only",
                    TCPRoute(from: address, to: address, port: 50_000, serviceClass: 0x28),
                    isServerInside: false
                ),
                SocketOpsCase(
                    "IPv\(name), server only",
                    TCPRoute(from: address, to: address, port: 50_000, serviceClass: 0x28),
                    isClientInside: false
                ),
                SocketOpsCase(
                    "IPv\(name), by a second thread",
                    TCPRoute(from: address, to: address, port: 50_000, serviceClass: 0x44),
                    isByThread: true
                ),
            ]
        }

    static func reply(to operation: SocketOperation, in one: SocketOpsCase, _ seen: SocketOpsObservation) -> Int {
        operation == .listen || operation == .passiveEstablished ? 0 : -1
    }

    static func lines(of operation: SocketOperation, _ reply: Int, in one: SocketOpsCase) -> [String] {
        ["BPF command: \(operation.rawValue)", "Returning \(reply)"]
    }

    static func effects(
        on end: TCPFlow.End,
        of one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> [TCPTrait: Int] {
        end == .server ? [.serviceClass: Int(one.route.serviceClass)] : [:]
    }

    static let examples: [Example<SocketOpsObservation>] =
        commonExamples() + [
            .rejected("not reflected", changed { $0.flows["IPv4, 252"]?.server.traits["serviceClass"] = 0 }),
            .rejected("half of it", changed { $0.flows["IPv6, 252"]?.server.traits["serviceClass"] = 0xf0 }),
            .rejected("outside too", changed { $0.flows["IPv6, client only"]?.server.traits["serviceClass"] = 0x28 }),
        ]
}
