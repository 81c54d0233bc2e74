import LinuxHost
import SampleKit
import SampleLab

extension XdpAdjustTail {
    static let examples: [Example<Observation>] = [
        .accepted("large frames answered", both(run())),
        .accepted("by an object without a variable for the limit", both(run(hasVariable: false))),
        .rejected("the variable not looked at", both(run(limits: { _ in 600 }))),
        .rejected("no least size", both(run(limits: { $0 }))),
        .rejected("a limit of 16 bits", both(run(limits: { max(98, Int(UInt16(truncatingIfNeeded: $0))) }))),
        .rejected("a counter of 32 bits", both(run { $0.counted = $0.counted &- 1 << 32 })),
        .accepted(
            "bytes that the kern half leaves are anything",
            both(run(answers: { $0.replaceSubrange(18..<22, with: [1, 2, 3, 4]) }))
        ),
        .rejected(
            "bytes cleared that the kern half leaves",
            both(run(answers: { $0.replaceSubrange(38..<40, with: [0, 0]) }))
        ),
        .rejected("the frame's type of service", both(run(answers: { $0[15] = 0x1c }))),
        .accepted("a carry lost by an object that folds once", both(run(carry: 1), foldsOnce: true)),
        .accepted("no carry to lose for such an object", both(run(), foldsOnce: true)),
        .rejected("a carry lost by an object that folds twice", both(run(carry: 1))),
        .rejected("two lost by an object that folds once", both(run(carry: 2), foldsOnce: true)),
        .rejected("nothing sent", Observation()),
        .rejected("the native half never ran", Observation(generic: run())),
        .rejected("the generic half never ran", Observation(native: run())),
        .rejected("one answer not counted", both(run { $0.counted -= 1 })),
        .rejected(
            "counted, but all dropped",
            both(Run(counted: UInt64(answers), seen: XDPSightings(markers: 2), hasVariable: true))
        ),
        .rejected("601 bytes passed", both(run(limits: { max($0, 98) + 1 }))),
        .rejected("600 bytes answered", both(run(limits: { max($0, 98) - 1 }))),
        .rejected("one answer lost", both(run(lost: 1))),
        .rejected("one answer twice", both(run(lost: -1))),
        .rejected(
            "hardware addresses not swapped",
            both(run(answers: { $0.replaceSubrange(0..<12, with: $0[6..<12] + $0[0..<6]) }))
        ),
        .rejected(
            "IPv4 addresses not swapped",
            both(run(answers: { $0.replaceSubrange(26..<34, with: $0[30..<34] + $0[26..<30]) }))
        ),
        .rejected("another code", both(run(answers: { $0[35] = 3 }))),
        .rejected("an echo reply", both(run(answers: { $0[34] = 0 }))),
        .rejected(
            "mtu in the other byte order",
            both(run(answers: { $0.replaceSubrange(40..<42, with: [0x4a, 0x02]) }))
        ),
        .rejected("mtu with Ethernet in it", both(run(answers: { $0.replaceSubrange(40..<42, with: [0x02, 0x58]) }))),
        .rejected(
            "IPv4 checksum not computed",
            both(run(summing: false, answers: { $0.replaceSubrange(24..<26, with: [0, 0]) }))
        ),
        .rejected(
            "ICMP checksum not computed",
            both(run(summing: false, answers: { $0.replaceSubrange(36..<38, with: [0, 0]) }))
        ),
        .rejected("frame not cut", both(run(answers: { $0 += [UInt8](repeating: 0, count: 503) }))),
        .rejected("head not grown", both(run(answers: { $0.removeSubrange(14..<42) }))),
        .rejected("still attached after its detachment", both(run(markers: 1))),
    ]

    private static let answers = Kind.all(hasVariable: true).filter(\.isAnswered).reduce(0) { $0 + $1.count }

    private static func both(_ run: Run, foldsOnce: Bool = false) -> Observation {
        Observation(generic: run, native: run, foldsOnce: foldsOnce)
    }

    private static func run(_ change: (inout Run) -> Void) -> Run {
        var run = run()
        change(&run)
        return run
    }

    /// A whole run, right unless told otherwise.
    private static func run(
        limits: (Int) -> Int = { max($0, 98) },
        lost: Int = 0,
        markers: Int = 2,
        summing: Bool = true,
        carry: UInt16 = 0,
        hasVariable: Bool = true,
        answers change: (inout [UInt8]) -> Void = { _ in }
    ) -> Run {
        var run = Run(seen: XDPSightings(markers: markers), hasVariable: hasVariable)
        for kind in Kind.all(hasVariable: hasVariable) {
            if kind.bytes.count > limits(Int(kind.limit)), kind.bytes[12..<14] == [8, 0], kind.bytes.count >= 98 {
                let isLast = kind.bytes.count == 1042
                var bytes = answer(to: kind, summing: summing, change)
                if carry > 0 {
                    let sum = UInt16(bigEndian: UInt16(bytes[36]) << 8 | UInt16(bytes[37])) &+ carry
                    bytes.replaceSubrange(36..<38, with: EthernetFrame.big(sum.bigEndian))
                }
                run.seen.returned[Hexadecimal.text(bytes)] = kind.count - (isLast ? lost : 0)
                run.counted += UInt64(kind.count)
            } else {
                run.seen.passed[Hexadecimal.text(kind.bytes)] = kind.count
            }
        }
        return run
    }

    private static func answer(to kind: Kind, summing: Bool, _ change: (inout [UInt8]) -> Void) -> [UInt8] {
        let mtu = EthernetFrame.big(UInt16(truncatingIfNeeded: kind.limit - 14))
        let message: [UInt8] = [3, 4, 0, 0] + EthernetFrame.sender.bytes[4..<6] + mtu + kind.quote
        let packet = EthernetFrame.ipv4(from: Kind.destination, to: Kind.source, proto: 1, message)
        var frame = EthernetFrame.make(
            from: EthernetFrame.receiver,
            to: EthernetFrame.sender,
            type: 0x0800,
            packet
        )
        let size = frame.count
        change(&frame)
        // Sums are made right after a change, so that it is rejected for itself.
        if summing, frame.count == size {
            for (sum, part) in [(24, 14..<34), (36, 34..<size)] {
                frame.replaceSubrange(sum..<(sum + 2), with: [0, 0])
                frame.replaceSubrange(sum..<(sum + 2), with: EthernetFrame.big(InternetChecksum.of(frame[part])))
            }
        }
        return frame
    }
}
