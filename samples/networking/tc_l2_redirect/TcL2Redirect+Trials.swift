import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension TcL2Redirect {
    /// One frame that is given to each program without being sent, and what they must return.
    struct Trial {
        let title: String
        let frame: [UInt8]
        /// Whether the forwarding program takes it.
        var isTunnel = false
        /// Whether its address is a virtual one.
        var isVirtual = false

        // TC_ACT_OK, TC_ACT_SHOT and TC_ACT_REDIRECT of linux/pkt_cls.h.
        private static let (pass, drop, redirect): (UInt32, UInt32, UInt32) = (0, 2, 7)

        /// What the programs must return, by their functions' names.
        var expected: [String: UInt32] {
            let isIPv4 = frame[12..<14] == [0x08, 0x00]
            return [
                "_l2_to_iptun_ingress_forward": isTunnel ? Self.redirect : Self.pass,
                "_l2_to_iptun_ingress_redirect": isVirtual && isIPv4 ? Self.redirect : Self.pass,
                "_l2_to_ip6tun_ingress_redirect": isVirtual ? Self.redirect : Self.pass,
                "_drop_non_tun_vip": isVirtual ? Self.drop : Self.pass,
            ]
        }

        /// No frame ends within its IP header: later kernels refuse to run a program on it.
        static let all: [Trial] =
            ([0, 1, 3, 4, 5, 6, 17, 41, 47, 68, 132, 255] as [UInt8]).flatMap { proto in
                [
                    Trial(title: "IPv4 of protocol \(proto)", frame: v4(10, 9, 1, 9, proto), isTunnel: proto == 4),
                    Trial(
                        title: "IPv6 of next header \(proto)",
                        frame: v6(0x2401, 0xdb02, next: proto),
                        isTunnel: proto == 4 || proto == 41
                    ),
                ]
            } + [
                Trial(title: "10.10.1.0", frame: v4(10, 10, 1, 0), isVirtual: true),
                Trial(title: "10.10.1.1", frame: v4(10, 10, 1, 1), isVirtual: true),
                Trial(title: "10.10.1.128", frame: v4(10, 10, 1, 128), isVirtual: true),
                Trial(title: "10.10.1.255", frame: v4(10, 10, 1, 255), isVirtual: true),
                Trial(title: "10.10.0.255", frame: v4(10, 10, 0, 255)),
                Trial(title: "10.10.2.0", frame: v4(10, 10, 2, 0)),
                Trial(title: "10.10.129.1", frame: v4(10, 10, 129, 1)),
                Trial(title: "10.11.1.1", frame: v4(10, 11, 1, 1)),
                Trial(title: "10.138.1.1", frame: v4(10, 138, 1, 1)),
                Trial(title: "11.10.1.1", frame: v4(11, 10, 1, 1)),
                Trial(title: "138.10.1.1", frame: v4(138, 10, 1, 1)),
                Trial(title: "1.10.10.1", frame: v4(1, 10, 10, 1)),
                Trial(title: "a tunnel to 10.10.1.1", frame: v4(10, 10, 1, 1, 4), isTunnel: true, isVirtual: true),
                Trial(title: "2401:face::", frame: v6(0x2401, 0xface), isVirtual: true),
                Trial(title: "2401:facd::", frame: v6(0x2401, 0xfacd)),
                Trial(title: "2401:facf::", frame: v6(0x2401, 0xfacf)),
                Trial(title: "2400:face::", frame: v6(0x2400, 0xface)),
                Trial(title: "a401:face::", frame: v6(0xa401, 0xface)),
                Trial(title: "face:2401::", frame: v6(0xface, 0x2401)),
                Trial(
                    title: "a tunnel to 2401:face::",
                    frame: v6(0x2401, 0xface, next: 41),
                    isTunnel: true,
                    isVirtual: true
                ),
                Trial(title: "an IPv4 packet of type 0806", frame: typed(0x0806, v4(10, 10, 1, 1, 4))),
                Trial(title: "an IPv4 packet of type 0008", frame: typed(0x0008, v4(10, 10, 1, 1, 4))),
                Trial(title: "an IPv6 packet of type 86de", frame: typed(0x86de, v6(0x2401, 0xface, next: 4))),
                Trial(title: "an IPv6 packet of type 0800", frame: typed(0x0800, v6(0x2401, 0xface, next: 4))),
                Trial(title: "34 bytes of IPv4", frame: cut(34, v4(10, 10, 1, 1, 4)), isTunnel: true, isVirtual: true),
                Trial(
                    title: "54 bytes of IPv6",
                    frame: cut(54, v6(0x2401, 0xface, next: 4)),
                    isTunnel: true,
                    isVirtual: true
                ),
            ]

        private static func v4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ proto: UInt8 = 17) -> [UInt8] {
            let payload = EthernetFrame.udp(from: 4000, to: 9, [UInt8](repeating: 7, count: 40))
            let packet = EthernetFrame.ipv4(from: Address.client4, to: IPv4Address(a, b, c, d), proto: proto, payload)
            return typed(0x0800, [UInt8](repeating: 0, count: 14) + packet)
        }

        private static func v6(_ first: UInt16, _ second: UInt16, next: UInt8 = 17) -> [UInt8] {
            let payload = EthernetFrame.udp(from: 4000, to: 9, [UInt8](repeating: 7, count: 40))
            let destination = IPv6Address(first, second, 0x2401, 0xface, 0, 0, 0, 0x66).bytes
            let packet = EthernetFrame.ipv6(from: Address.client6.bytes, to: destination, next: next, payload)
            return typed(0x86dd, [UInt8](repeating: 0, count: 14) + packet)
        }

        /// A frame with another type.
        private static func typed(_ type: UInt16, _ frame: [UInt8]) -> [UInt8] {
            EthernetFrame.make(from: Address.clientHardware, to: Address.nearHardware, type: type, Array(frame[14...]))
        }

        private static func cut(_ size: Int, _ frame: [UInt8]) -> [UInt8] { Array(frame.prefix(size)) }
    }

    /// Gives each program all frames.
    static func tryAll(_ object: borrowing LoadedObject) throws -> [String: [String: UInt32]] {
        var answers: [String: [String: UInt32]] = [:]
        for trial in Trial.all {
            for name in trial.expected.keys.sorted() {
                answers[trial.title, default: [:]][name] = try object.program(name).run(on: trial.frame)
            }
        }
        return answers
    }
}
