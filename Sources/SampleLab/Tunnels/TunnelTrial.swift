/// A program without a device, on a frame that came in no tunnel.
public struct TunnelTrial: Sendable {
    /// The program's name.
    public let program: String
    /// What the frame is.
    public let title: String
    /// Its bytes.
    public let frame: [UInt8]
    /// What the program answers: `TC_ACT_OK` is 0, `TC_ACT_SHOT` 2.
    public let answer: UInt32
    /// The error that it prints, as a number.
    public let error: Int?

    /// Describes a trial.
    public init(_ program: String, _ title: String, _ frame: [UInt8], answer: UInt32, error: Int? = nil) {
        self.program = program
        self.title = title
        self.frame = frame
        self.answer = answer
        self.error = error
    }

    /// Programs that describe tunnels, which need no device for it; and those that read them, which find nothing (`EINVAL`).
    public static func ofNoTunnel(_ programs: Set<String>) -> [TunnelTrial] {
        programs.sorted().map { program in
            let isReading = program.contains("_get_")
            return TunnelTrial(program, "IPv4", whole, answer: isReading ? 2 : 0, error: isReading ? -22 : nil)
        }
    }

    /// A frame of IPv4 that is no tunnel.
    public static let whole = framed(
        TunneledPacket.inside("", 1, between: (100, 77), TunneledPacket.filling(40)).bytes
    )

    /// A frame with something in it.
    public static func framed(_ packet: [UInt8], type: UInt16 = 0x0800) -> [UInt8] {
        EthernetFrame.make(from: TunnelAddress.peerHardware, to: TunnelAddress.deviceHardware, type: type, packet)
    }

    /// What must come of trials on one processor.
    public static func expected(_ trials: [TunnelTrial]) -> Tallies {
        var all: Tallies = [:]
        for trial in trials {
            all.add("\(trial.program) answers \(trial.answer) to \(trial.title)")
            if let error = trial.error { all.add("printed: ERROR line:* ret:\(error)") }
        }
        return all
    }
}
