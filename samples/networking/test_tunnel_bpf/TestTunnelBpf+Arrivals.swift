import LinuxHost
import SampleLab

extension TestTunnelBpf.Kind {

    func arrivals(_ run: TunnelRun) -> [TunnelArrival] {
        switch self {
        case .gre, .ip6gre, .ip6gretap: greArrivals(run)
        case .erspan, .ip6erspan: erspanArrivals(run)
        case .vxlan: vxlanArrivals(run)
        case .ip6vxlan: vxlan6Arrivals(run)
        case .geneve, .ip6geneve: geneveArrivals(run)
        case .vxlanBack, .ip6vxlanBack: []
        }
    }

    /// The address that a packet came from, as the programs print it; those that print four bytes of IPv6 take the first ones.
    private func sender(_ number: UInt8, _ run: TunnelRun) -> String {
        guard isV6 else { return String(TunnelAddress.sender4(run, number).number, radix: 16) }
        let word = TunnelAddress.sender6(run, number).bytes[12..<16].withUnsafeBytes {
            $0.loadUnaligned(as: UInt32.self)
        }
        return String(word, radix: 16)
    }

    /// None has a checksum: the kernel takes no packet with one from a device that expects none.
    private func greArrivals(_ run: TunnelRun) -> [TunnelArrival] {
        // Packets of IPv4, in frames or not.
        let type: UInt16 = self == .ip6gre ? 0x0800 : 0x6558
        let arrival = { (title: String, number: UInt8, key: UInt32?, label: UInt32) in
            let header = TunnelHeaders.gre(type, key: key, number: number == 2 ? nil : 7)
            let printed = "key \(Int32(bitPattern: key ?? 0)) remote ip"
            let line =
                isV6 ? "6 ::\(sender(number, run)) label \(String(label, radix: 16))" : " 0x\(sender(number, run))"
            return TunnelArrival(title, incoming(number, run, label: label, header), lines: [printed + line])
        }
        return [
            arrival("key 2", 1, 2, 0), arrival("a key of 32 bits", 2, 0x8765_4321, isV6 ? 0xf1234 : 0),
            arrival("no key", 3, nil, isV6 ? 0x00001 : 0),
        ]
    }

    private func erspanArrivals(_ run: TunnelRun) -> [TunnelArrival] {
        let arrival = {
            (title: String, number: UInt8, session: UInt16, version: UInt8, time: UInt32, hardware: UInt8, out: Bool) in
            let base = TunnelHeaders.erspan(version: version, session: session)
            let rest =
                version == 1
                ? TunnelHeaders.big(time) : TunnelHeaders.mirror(time: time, hardware: hardware, isOutgoing: out)
            let header = TunnelHeaders.gre(version == 1 ? 0x88be : 0x22eb, number: 9) + base + rest
            let address = isV6 ? "6 ::\(sender(number, run))" : " 0x\(sender(number, run))"
            return TunnelArrival(
                title,
                incoming(number, run, header),
                lines: [
                    "\(isV6 ? "ip6erspan get " : "")key \(session) remote ip\(address) erspan version \(version)",
                    "\tdirection \(out ? 1 : 0) hwid \(String(hardware, radix: 16)) timestamp \(time)",
                ]
            )
        }
        let time = UInt32(run.mark) << 16
        return [
            arrival("session 2", 1, 2, 2, time | 1, 3, true),
            arrival("another direction and hardware", 2, 0x3ff, 2, time | 2, 0x2a, false),
            arrival("the highest hardware", 3, 0x200, 2, time | 0x8003, 0x3f, true),
            // An index of 20 bits stands where the other version has its time.
            arrival("the first version", 4, 0x155, 1, UInt32(run.mark) << 4 | 4, 0, false),
        ]
    }

    private func vxlanArrivals(_ run: TunnelRun) -> [TunnelArrival] {
        let second = InternetAddress.v4(TunnelAddress.second4)
        let line = { (network: Int, number: UInt8, local: IPv4Address, policy: UInt32, flags: UInt32) in
            let texts = [local.number, TunnelAddress.sender4(run, number).number, policy, flags].map {
                String($0, radix: 16)
            }
            return
                "vxlan key \(network) local ip 0x\(texts[0]) remote ip 0x\(texts[1]) gbp 0x\(texts[2]) flags 0x\(texts[3])"
        }
        // TUNNEL_KEY, TUNNEL_VXLAN_OPT and TUNNEL_CSUM of linux/if_tunnel.h.
        let (flags, summed): (UInt32, UInt32) = (0x1004, 0x1005)
        let header = { (network: UInt32) in TunnelHeaders.vxlan(network: network, policy: 0xff) }
        return [
            TunnelArrival("network 2", incoming(1, run, header(2))),
            TunnelArrival("the highest network", incoming(2, run, header(0xffffff))),
            TunnelArrival(
                "for another address",
                incoming(3, run, target: second, header(3)),
                lines: [line(3, 3, TunnelAddress.second4, 0x800ff, flags)],
                isTaken: false
            ),
            TunnelArrival(
                "another policy",
                incoming(4, run, TunnelHeaders.vxlan(network: 0x80_0004, policy: 0x1ff)),
                lines: [line(0x80_0004, 4, TunnelAddress.near4, 0x801ff, flags)],
                isTaken: false
            ),
            TunnelArrival(
                "a policy that is not applied",
                incoming(5, run, TunnelHeaders.vxlan(network: 5, policy: 0xff, isApplied: false)),
                lines: [line(5, 5, TunnelAddress.near4, 0xff, flags)],
                isTaken: false
            ),
            TunnelArrival(
                "a checksum",
                incoming(6, run, isSummed: true, header(6)),
                lines: [line(6, 6, TunnelAddress.near4, 0x800ff, summed)],
                isTaken: false
            ),
            // Without a policy, or in IPv6, the program finds nothing to print but its error.
            TunnelArrival("no policy", incoming(7, run, TunnelHeaders.vxlan(network: 7)), isTaken: false),
            TunnelArrival("in IPv6", incoming(8, run, isV6: true, isSummed: true, header(8)), isTaken: false),
        ]
    }

    private func vxlan6Arrivals(_ run: TunnelRun) -> [TunnelArrival] {
        let local = InternetAddress.v6(TunnelAddress.v6(run.mark))
        let lines = { (network: Int, number: UInt8, local: UInt16, label: UInt32, flags: UInt32) in
            let remote = TunnelAddress.sender6(run, number).bytes[12...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            let texts = [UInt32(local), remote, label, flags].map { String($0, radix: 16) }
            return [
                "ip6vxlan key \(network) local ip6 ::\(texts[0]) remote ip6 ::\(texts[1]) label 0x\(texts[2]) flags 0x\(texts[3])",
                "local_ip 0x\(String(run.mark, radix: 16))",
            ]
        }
        let (flags, summed): (UInt32, UInt32) = (0x0004, 0x0005)
        let header = { (network: UInt32) in TunnelHeaders.vxlan(network: network) }
        return [
            TunnelArrival("network 22", incoming(1, run, target: local, isSummed: true, header(22))),
            TunnelArrival(
                "the highest network",
                incoming(2, run, label: 0x12345, target: local, isSummed: true, header(0xffffff))
            ),
            TunnelArrival(
                "for another address",
                incoming(3, run, label: 0xfedcb, isSummed: true, header(3)),
                lines: lines(3, 3, 0x22, 0xfedcb, summed),
                isTaken: false
            ),
            TunnelArrival(
                "no checksum",
                incoming(4, run, target: local, header(0x80_0004)),
                lines: lines(0x80_0004, 4, run.mark, 0, flags),
                isTaken: false
            ), TunnelArrival("in IPv4", incoming(5, run, isV6: false, header(5)), isTaken: false),
        ]
    }

    private func geneveArrivals(_ run: TunnelRun) -> [TunnelArrival] {
        let arrival = { (title: String, number: UInt8, network: UInt32, options: [UInt8], isSummed: Bool) in
            // Options that are longer than the program's room are none to it.
            let isRead = !options.isEmpty && options.count <= run.optionsTaken
            let type = isRead ? options[0..<2].withUnsafeBytes { $0.loadUnaligned(as: UInt16.self) } : 0
            let address = "remote ip 0x\(sender(number, run)) geneve class 0x\(String(type, radix: 16))"
            return TunnelArrival(
                title,
                incoming(number, run, isSummed: isSummed, TunnelHeaders.geneve(network: network, options: options)),
                lines: ["key \(network) \(address)"]
            )
        }
        let other: [UInt8] = [0xab, 0xcd, 0x01, 0x00]
        let options = [
            arrival("an option without data", 2, 0xffffff, other, isV6),
            arrival("an option", 3, 0x80_0003, [0x01, 0x02, 0x08, 0x02, 1, 2, 3, 4, 5, 6, 7, 8], isV6),
            arrival("three options", 4, 4, other + [0x12, 0x34, 0x02, 0x00] + [0x56, 0x78, 0x03, 0x00], isV6),
            arrival("options of 16 bytes", 5, 5, other + [0x12, 0x34, 0x02, 0x02, 1, 2, 3, 4, 5, 6, 7, 8], isV6),
        ]
        let plain = [
            arrival("network 2", 1, 2, [], isV6), arrival("the highest network", 8, 0xffffff, [], isV6),
            arrival("the other choice of a checksum", 6, 6, [], !isV6),
            TunnelArrival(
                "in the other version",
                incoming(7, run, isV6: !isV6, isSummed: isV6, TunnelHeaders.geneve(network: 7, options: [])),
                isTaken: false
            ),
        ]
        return run.takesOptions ? plain + options : plain
    }
}
