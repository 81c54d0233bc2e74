import SampleKit
import SampleLab

extension Tracex1 {
    static let examples: [Example<Observation>] = [
        .accepted("two lines an echo", seen()),
        .accepted(
            "numbers of buffers not printed yet",
            seen { seen in for index in seen.lines.indices { seen.lines[index].buffer = nil } }
        ),
        .rejected("nothing sent", Observation()),
        .rejected(
            "every device printed",
            seen { $0.lines += devices.values.map { PacketLine(length: $0, buffer: "01") } }
        ),
        .rejected("only 'lo' itself printed", seen { $0.lines.removeAll { $0.length == devices["lo7"] } }),
        .rejected("no packet on another device", seen { $0.received = [:] }),
        .rejected("long packets left out", seen { $0.lines.removeAll { $0.length > 1000 } }),
        .rejected(
            "a length of 16 bits with a sign",
            seen { seen in
                for index in seen.lines.indices where seen.lines[index].length > 0x7fff {
                    seen.lines[index].length -= 0x10000
                }
            }
        ),
        .rejected("short packets left out", seen { $0.lines.removeAll { $0.length < 60 } }),
        .rejected("a length of 16 bits", seen { $0.lines[$0.lines.count - 1].length -= 0x10000 }),
        .rejected("numbers of nobody's", seen { $0.freed = ["0000000055667788"] }),
        .rejected("never ran", seen { $0.lines = [] }),
        .rejected("requests only", seen { $0.lines = lines(step: 2) }),
        .rejected("one line missing", seen { $0.lines.removeLast() }),
        .rejected("a line twice", seen { $0.lines.append($0.lines[0]) }),
        .rejected("a wrong length", seen { $0.lines[7].length = 85 }),
        .rejected("the frame's length", seen { for index in $0.lines.indices { $0.lines[index].length += 14 } }),
        .rejected("a packet of no length", seen { $0.lines.append(PacketLine(length: 0, buffer: "00000000aabbccdd")) }),
        .rejected("no socket buffer", seen { $0.lines = lines(buffers: ["0000000000000000"]) }),
        .rejected("the same buffer everywhere", seen { $0.lines = lines(buffers: ["00000000aabbccdd"]) }),
        .rejected("something else printed", seen { $0.unreadable = ["skb 00000000aabbccdd"] }),
        .rejected("an echo unanswered", seen { $0.answered = [20, 9, 3, 3, 4] }),
        .rejected("printed after detaching", seen { $0.linesDetached = 10 }),
        .rejected("no requests after detaching", seen { $0.answeredDetached = 0 }),
    ]

    private static func lines(
        step: Int = 1,
        buffers: [String?] = ["00000000aabbccdd", "0000000011223344"]
    ) -> [PacketLine] {
        let lengths = zip([84, 529, 1328, 60128, 40], counts).flatMap { Array(repeating: $0, count: 2 * $1) }
        return stride(from: 0, to: lengths.count, by: step).map { index in
            PacketLine(length: lengths[index], buffer: buffers[index % buffers.count])
        }
    }

    private static func seen(_ change: (inout Observation) -> Void = { _ in }) -> Observation {
        var seen = Observation(
            functions: ["__netif_receive_skb_core.constprop.0"],
            payloads: [56, 501, 1300, 60100, 12],
            answered: counts,
            devices: devices,
            longest: 66_123,
            freed: ["00000000aabbccdd", "0000000011223344"],
            received: devices.mapValues { _ in packets },
            lines: lines(),
            answeredDetached: 5
        )
        seen.lines += Array(
            repeating: PacketLine(length: devices["lo7"] ?? 0, buffer: "00000000aabbccdd"),
            count: packets
        )
        seen.lines += Array(repeating: PacketLine(length: 66_123, buffer: "00000000aabbccdd"), count: packets)
        change(&seen)
        return seen
    }

    private static let devices: [String: Int] = Dictionary(
        uniqueKeysWithValues: pairs.flatMap { [$0.0, $0.1] }.enumerated().map { ($1, 100 + 20 * $0) }
    )
}
