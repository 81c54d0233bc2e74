import Glibc
import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

extension XdpRxqInfo {
    /// One frame, given to the program without being sent, and what becomes of it.
    ///
    /// It can come in on a receive queue that no traffic reaches, and have an interface whose index needs more than 16 bits.
    struct Trial: Sendable {
        let title: String
        var queue: UInt32 = 0
        var action = Step.pass
        /// What the configured index has more than the interface's.
        var distance: Int32 = 0
        var options: UInt32 = 0
        var type: UInt16 = 0x88b6
        let expected: Outcome

        /// How many receive queues the interface has; the map has room for 64, and an entry for all others.
        static let queues: UInt32 = 128
        /// The interface's index.
        static let index: CInt = 0x12345
        private static let most: UInt32 = 64

        static let all = ofQueues + ofIndices + ofActions + ofOptions

        private static let ofQueues = ([0, 1, 2, 31, 32, 62, 63, 64, 65, 127] as [UInt32]).map { queue in
            Trial("queue \(queue)", queue: queue)
        }
        private static let ofIndices = ([1, -1, 256, 65536, .min] as [Int32]).map { distance in
            Trial("index + \(distance)", queue: 5, distance: distance, options: Step.swapAddresses)
        }
        // All of enum xdp_action, and what is none: the program does not look at it.
        private static let ofActions = ([0, 1, 2, 3, 4, 5, 255, 256, 0x1234_5678] as [UInt32]).map { action in
            Trial("action \(action)", queue: 6, action: action)
        }
        private static let ofOptions = ([0, 1, 2, 3, 4, 0xffff_fffc, 0xffff_ffff] as [UInt32]).flatMap { options in
            ([0, 0x0006, 0x00ff, 0x05ff, 0x0600, 0x0601, 0x7fff, 0x8000, 0xffff] as [UInt16]).map { type in
                let title = "options \(options), type \(Hexadecimal.text(EthernetFrame.big(type)))"
                return Trial(title, queue: 7, action: Step.sendBack, options: options, type: type)
            }
        }

        private init(
            _ title: String,
            queue: UInt32,
            action: UInt32 = Step.pass,
            distance: Int32 = 0,
            options: UInt32 = 0,
            type: UInt16 = 0x88b6
        ) {
            self.title = title
            self.queue = queue
            self.action = action
            self.distance = distance
            self.options = options
            self.type = type
            let looks = options & (Step.readMemory | Step.swapAddresses) != 0
            if distance != 0 {
                expected = Outcome(action: 0, all: Record(processed: 1, issue: 1))
            } else {
                let isAborted = looks && type < 0x0600
                expected = Outcome(
                    action: isAborted ? 0 : action,
                    isSwapped: !isAborted && options & Step.swapAddresses != 0,
                    all: Record(processed: 1),
                    queues: [Int(min(queue, Self.most)): Record(processed: 1, issue: queue < Self.most ? 0 : 1)]
                )
            }
        }
    }

    /// What became of a trial's frame.
    struct Outcome: Codable, Equatable, CustomStringConvertible {
        /// What the program returned.
        var action: UInt32
        /// Whether it left the frame with its addresses exchanged; `nil` where it changed anything else.
        var isSwapped: Bool? = false
        /// By how much the count of all frames grew.
        var all = Record()
        /// By how much those of the queues grew; queues without any frame are left out.
        var queues: [Int: Record] = [:]
        /// What was counted on other processors.
        var otherProcessors = Record()

        /// That of a trial that was not made.
        static let missing = Outcome(action: .max)

        var description: String {
            let frame = isSwapped.map { $0 ? "addresses swapped" : "frame as it was" } ?? "frame changed"
            return "returned \(action), \(frame), counted \(all) in all, \(Counts.text(queues)) on queues"
                + (otherProcessors == Record() ? "" : ", \(otherProcessors) on other processors")
        }
    }

    /// Makes all trials on this thread's processor; `nil` where the kernel knows no context of a test run.
    static func tryAll(
        _ object: borrowing LoadedObject,
        on processor: CInt,
        in arena: borrowing Arena
    ) throws -> [String: Outcome]? {
        guard runningVersion >= KernelVersion(5, 15) else { return nil }
        let shape = RouteSocket.VethShape(queues: Trial.queues, index: Trial.index)
        let interface = try VethPair(("q0", "q1"), shape: shape).near
        let program = try object.program("xdp_prognum0")
        let config = try object.map("config_map")
        let counters = try Counters(object, on: processor)
        // One short of 2^32, so that a counter of less than 64 bits loses what it counted.
        try counters.start(from: Record(processed: 1 << 32 - 1, issue: 1 << 32 - 1))
        var outcomes: [String: Outcome] = [:]
        var before = try counters.all()
        try arena.stimulate {
            for trial in Trial.all {
                try config.update(
                    Int32(0),
                    Config(
                        action: trial.action,
                        ifindex: interface.index &+ trial.distance,
                        options: trial.options
                    )
                )
                let payload = (0..<50).map { UInt8($0) }
                let (from, to) = (EthernetFrame.sender, EthernetFrame.receiver)
                let frame = EthernetFrame.make(from: from, to: to, type: trial.type, payload)
                let swapped = EthernetFrame.make(from: to, to: from, type: trial.type, payload)
                let result = try program.runXDP(on: frame, from: interface, queue: trial.queue)
                let after = try counters.all()
                let grown = after - before
                outcomes[trial.title] = Outcome(
                    action: result.action,
                    isSwapped: result.frame == frame ? false : result.frame == swapped ? true : nil,
                    all: grown.all,
                    queues: grown.queues,
                    otherProcessors: grown.otherProcessors
                )
                before = after
            }
        }
        return outcomes
    }

    /// The version of the running kernel, by uname(2).
    private static var runningVersion: KernelVersion {
        var names = utsname()
        uname(&names)
        let release = withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return KernelVersion(release) ?? KernelVersion(0, 0)
    }
}
