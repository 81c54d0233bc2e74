public import LibBPF
import LinuxHost

extension RedirectBench {
    // MARK: Frames

    /// Frames of every kind that are short enough for every port.
    public static let shortFrames: [(title: String, bytes: [UInt8])] = [
        ("a frame without a payload", make(0x88b5, [])),
        ("IPv4 in a frame of 1514 bytes", make(0x0800, ipv4(filling(1480)))),
        ("IPv6", make(0x86dd, EthernetFrame.ipv6(from: address(2), to: address(1), next: 253, filling(64)))),
        ("IPv4 in two VLAN tags", make(0x0800, ipv4(filling(100)), tags: [(0x88a8, 5), (0x8100, 4094)])),
        ("a frame for all", make(0x88b5, filling(50), to: HardwareAddress(255, 255, 255, 255, 255, 255))),
        plainFrame,
    ]

    /// A frame of 60 bytes whose type is a length.
    public static let plainFrame = (title: "a frame of 60 bytes", bytes: make(46, filling(46)))
    /// A frame that the port to the right sends, and the host on the right does not take.
    public static let longFrame = (title: "a frame of 1700 bytes", bytes: make(0x88b6, filling(1686)))
    /// A frame that the port to the right does not send.
    public static let tooLongFrame = (title: "a frame of 2200 bytes", bytes: make(0x88b6, filling(2186)))

    /// A frame with its hardware addresses exchanged.
    public static func swapped(_ frame: [UInt8]) -> [UInt8] { Array(frame[6..<12] + frame[0..<6] + frame[12...]) }

    // MARK: What becomes of them

    /// What is counted of frames from the left that are redirected to the right.
    ///
    /// - Parameters:
    ///   - count: How many there are at once; the kernel hands sixteen at most to a device.
    ///   - mode: How the program is run: only in native mode frames are handed over in batches, which are counted.
    ///   - result: What becomes of them then.
    /// - Returns: The counts of one processor, without its name.
    public static func counts(_ count: Int = 1, _ mode: BPFProgram.XDPMode, _ result: String = "processed") -> Tallies {
        var counts: Tallies = ["received processed": count, "redirected processed": count]
        guard mode == .native else { return counts }
        for place in ["sent", "left to right"] {
            counts.add("\(place) \(result)", count)
            counts.add("\(place) info", (count + 15) / 16)
        }
        return counts
    }

    /// Frames from the left that are redirected to the right, and how they arrive there; one each way that is not counted.
    ///
    /// - Parameters:
    ///   - mode: How the program is run.
    ///   - rewriting: What it makes of a frame.
    /// - Returns: The frames; the last is one that arrives.
    public static func forwarded(_ mode: BPFProgram.XDPMode, _ rewriting: ([UInt8]) -> [UInt8]) -> [Frame] {
        [
            Frame(
                tooLongFrame.title,
                tooLongFrame.bytes,
                counts: ["received processed": 1, "not redirected, EMSGSIZE dropped": 1]
            ),
            Frame(longFrame.title, longFrame.bytes, counts: counts(1, mode, "dropped")),
            Frame(
                "from a port that does not count",
                from: .other,
                ipFrame,
                arrivals: [(.host(.right), rewriting(ipFrame))],
                counts: ["received processed": 1]
            ),
            Frame("from the right", from: .right, plainFrame.bytes, arrivals: [(.stack(.right), plainFrame.bytes)]),
        ]
            + shortFrames.map {
                Frame($0.title, $0.bytes, arrivals: [(.host(.right), rewriting($0.bytes))], counts: counts(1, mode))
            }
    }

    /// A frame from the left that nobody gets, and what is counted of it.
    public static func lost(_ counts: Tallies) -> [Frame] {
        [Frame(plainFrame.title, plainFrame.bytes, counts: counts)]
    }

    /// Frames that the stack gets from ports without a program.
    public static let passed = [Port.left, .other].map { port in
        Frame("from \(port)", from: port, plainFrame.bytes, arrivals: [(.stack(port), plainFrame.bytes)])
    }

    private static let ipFrame = make(0x0800, ipv4(filling(64)))

    private static func make(
        _ type: UInt16,
        _ payload: [UInt8],
        to: HardwareAddress = EthernetFrame.receiver,
        tags: [(type: UInt16, id: UInt16)] = []
    ) -> [UInt8] {
        EthernetFrame.make(from: EthernetFrame.sender, to: to, tags: tags, type: type, payload)
    }

    private static func ipv4(_ payload: [UInt8]) -> [UInt8] {
        EthernetFrame.ipv4(from: IPv4Address(10, 0, 0, 2), to: IPv4Address(10, 0, 0, 1), proto: 253, payload)
    }

    private static func address(_ last: UInt8) -> [UInt8] { [0xfd] + [UInt8](repeating: 0, count: 14) + [last] }

    private static func filling(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 & 255) } }
}
