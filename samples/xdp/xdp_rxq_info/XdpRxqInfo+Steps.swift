import LinuxHost
import SampleKit
import SampleLab

extension XdpRxqInfo {
    /// A configuration of the kern half and the frames that meet it.
    struct Step: Sendable {
        let title: String
        var action = Step.pass
        var options: UInt32 = 0
        var isOwnInterface = true
        /// How many frames have an EtherType, one of them 0x0600 and one of full length, and how many an 802.3 length, one of them 0x05ff.
        let counts: (typed: Int, untyped: Int)
        /// The number that tells this step's frames from all others'.
        let mark: UInt8

        // enum xdp_action of linux/bpf.h.
        static let drop: UInt32 = 1
        static let pass: UInt32 = 2
        static let sendBack: UInt32 = 3
        // enum cfg_options_flags of the kern half.
        static let readMemory: UInt32 = 1
        static let swapAddresses: UInt32 = 2

        static let all = [
            Step(title: "untouched", counts: (5, 2), mark: 1),
            Step(title: "another interface's index", isOwnInterface: false, counts: (4, 1), mark: 2),
            Step(title: "dropped", action: drop, counts: (3, 1), mark: 3),
            Step(title: "header read", options: readMemory, counts: (6, 2), mark: 4),
            Step(title: "addresses swapped", options: swapAddresses, counts: (7, 2), mark: 5),
            Step(title: "sent back", action: sendBack, options: swapAddresses, counts: (8, 2), mark: 6),
            Step(title: "sent back as it is", action: sendBack, counts: (3, 2), mark: 7),
            Step(title: "untouched again", counts: (2, 1), mark: 8),
        ]

        var isSwapping: Bool { options & Self.swapAddresses != 0 }

        /// What the maps must have got from a processor whose frames come in on a receive queue.
        func expected(onQueue queue: Int) -> Counts {
            let count = UInt64(counts.typed + counts.untyped)
            let all = Record(processed: count, issue: isOwnInterface ? 0 : count)
            return Counts(all: all, queues: isOwnInterface ? [queue: Record(processed: count)] : [:])
        }

        /// Frames of one look.
        struct Kind {
            let title: String
            let bytes: [UInt8]
            let count: Int
            /// Whether the kern half must abort them, so that they go nowhere.
            let isAborted: Bool

            var swapped: [UInt8] { Array(bytes[6..<12] + bytes[0..<6] + bytes[12...]) }
        }

        /// The step's frames, one for each EtherType at the boundary, one of full length, the rest of type 0x88b6.
        var frames: [Kind] {
            let make = { (type: UInt16, size: Int) in
                let payload = [mark] + (1..<size - 14).map { UInt8($0 & 255) }
                return EthernetFrame.make(
                    from: EthernetFrame.sender,
                    to: EthernetFrame.receiver,
                    type: type,
                    payload
                )
            }
            let typed = !isOwnInterface
            let untyped = !isOwnInterface || options != 0
            return [
                Kind(
                    title: "frames of length 0x40",
                    bytes: make(0x0040, 78),
                    count: counts.untyped - 1,
                    isAborted: untyped
                ),
                Kind(title: "frames of length 0x05ff", bytes: make(0x05ff, 78), count: 1, isAborted: untyped),
                Kind(title: "frames of type 0x0600", bytes: make(0x0600, 60), count: 1, isAborted: typed),
                Kind(title: "frames of 1514 bytes", bytes: make(0x88b6, 1514), count: 1, isAborted: typed),
                Kind(
                    title: "frames of type 0x88b6",
                    bytes: make(0x88b6, 78),
                    count: counts.typed - 2,
                    isAborted: typed
                ),
            ].filter { $0.count > 0 }
        }
    }
}
