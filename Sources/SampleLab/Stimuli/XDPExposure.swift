public import LibBPF
import LinuxHost
public import SampleKit

/// What the ends of a veth pair saw of frames that an XDP program on the near end decided on.
public struct XDPSightings: Codable, Sendable, Equatable {
    /// Frames that the program passed on, seen coming in at the near end: how often each, by its bytes in hexadecimal.
    public var passed: [String: Int]
    /// Frames that came back to the far end: how often each, by its bytes in hexadecimal.
    public var returned: [String: Int]
    /// How many of the two markers arrived, one sent each way after the program was detached.
    ///
    /// A marker that arrives proves that its end could see, and that every frame before it has arrived or never will.
    public var markers: Int

    /// Creates what was seen; nothing by default.
    public init(passed: [String: Int] = [:], returned: [String: Int] = [:], markers: Int = 0) {
        self.passed = passed
        self.returned = returned
        self.markers = markers
    }
}

extension VethPair {
    /// Attaches an XDP program to the near end, sends it frames from the far end, and looks at both ends.
    ///
    /// In native mode the far end gets a `PassProgram`, without which a veth takes no frames from `XDP_TX`.
    ///
    /// Where the ends have several queues, what a processor sends comes in on the queue of its number.
    ///
    /// - Parameters:
    ///   - program: The program under test.
    ///   - mode: How it is run.
    ///   - arena: The sample's arena; in a control run nothing is sent.
    ///   - send: Sends frames by the far end's socket and waits until the program has counted them. It is called on each of
    ///     ``SenderProcessors``, whose number it is given, so that the frames are dealt with there and in the order in which
    ///     they are sent. It returns whether the program counted them: what loses frames on one processor is not waited for
    ///     on the next.
    /// - Returns: What was seen. A frame that never arrives is missing in it and is no error.
    /// - Throws: `AttachError` where the kernel refuses the program, `SystemCallError` for the harness's own calls.
    public func expose(
        to program: BPFProgram,
        _ mode: BPFProgram.XDPMode,
        in arena: borrowing Arena,
        _ send: (borrowing PacketSocket, CInt) throws -> Bool
    ) throws -> XDPSightings {
        var seen = XDPSightings()
        let nearEye = try PacketSocket(on: near)
        let farEye = try PacketSocket(on: far)
        if hasQueues { try farEye.sendByProcessor() }
        let passing: BPFLink? =
            switch mode {
            case .native: try PassProgram(takesFragments: hasLongFrames).attachXDP(to: far, .native)
            case .generic: nil
            }
        let link = try program.attachXDP(to: near, mode)
        let processors = try SenderProcessors.available()
        try arena.stimulate {
            for processor in processors {
                let isCounted = try Processors.pinned(to: processor) {
                    let isCounted = try send(farEye, processor)
                    SenderProcessors.settle()
                    return isCounted
                }
                if !isCounted { break }
            }
        }
        link.detach()
        let processor = processors.first ?? 0
        let marker = EthernetFrame.make(from: farAddress, to: nearAddress, type: Self.markerType, Self.markerPayload)
        let answer = EthernetFrame.make(from: nearAddress, to: farAddress, type: Self.markerType, Self.markerPayload)
        try arena.stimulate {
            try Processors.pinned(to: processor) {
                try farEye.send(marker)
                try nearEye.send(answer)
            }
        }
        let count = arena.isControl ? 0 : 1
        let atNear = try nearEye.frames(atLeast: count, where: { !$0.isOutgoing && $0.bytes == marker })
        let atFar = try farEye.frames(atLeast: count, where: { !$0.isOutgoing && $0.bytes == answer })
        // Not before: the far end must still take frames while its last ones are on their way.
        if let passing { passing.detach() }
        for frame in atNear where !frame.isOutgoing {
            if frame.bytes == marker {
                seen.markers += 1
            } else {
                seen.passed[Hexadecimal.text(frame.bytes), default: 0] += 1
            }
        }
        for frame in atFar where !frame.isOutgoing {
            if frame.bytes == answer {
                seen.markers += 1
            } else {
                seen.returned[Hexadecimal.text(frame.bytes), default: 0] += 1
            }
        }
        return seen
    }

    // An EtherType for local experiments (IEEE 802, 0x88b5).
    private static var markerType: UInt16 { 0x88b5 }
    private static var markerPayload: [UInt8] { Array(repeating: 0x6d, count: 64) }
}
