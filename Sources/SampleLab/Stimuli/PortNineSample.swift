public import RunModel
public import SampleKit

/// A sample whose program drops what is sent to UDP port 9 or TCP port 80, as far as its source reads a frame.
///
/// A conforming sample says which of ``PortNineFrame`` its source drops. Every frame is sent past the program where frames come in
/// and where they go out, on each of ``SenderProcessors``, and the program is run on it without a device.
public protocol PortNineSample: Sample where Observation == FilteredFrames {
    /// What the object's source drops, VLAN tags in place.
    static var dropped: Set<PortNineFrame> { get }
    /// What else, or what not, a program drops that has made a mistake, for the oracle's examples.
    static var mistakes: [PortNineMistake] { get }
}

/// A mistake of such a program.
public struct PortNineMistake: Sendable {
    let title: String
    let dropped: Set<PortNineFrame>
    let passed: Set<PortNineFrame>

    /// Names a mistake.
    ///
    /// - Parameters:
    ///   - title: What the program has done.
    ///   - dropped: What it drops that ought to pass.
    ///   - passed: What it passes that ought to be dropped.
    public init(_ title: String, dropping dropped: Set<PortNineFrame> = [], passing passed: Set<PortNineFrame> = []) {
        self.title = title
        self.dropped = dropped
        self.passed = passed
    }
}

extension PortNineSample {
    private static var all: [FilteredFrames.Frame] { PortNineFrame.all }

    private static func seen(
        dropping dropped: Set<PortNineFrame> = dropped,
        alsoIncoming: Set<PortNineFrame> = [.tagged],
        rounds: Int = 1
    ) -> FilteredFrames {
        FilteredFrames(
            all,
            // The kernel takes the VLAN tag out of a frame that comes in before the program sees it.
            dropping: PortNineFrame.titles(dropped.union(alsoIncoming)),
            egress: PortNineFrame.titles(dropped),
            rounds: rounds
        )
    }

    /// What is right, and mistakes that every such program can make, with its own.
    public static var examples: [Example<FilteredFrames>] {
        [
            .accepted("the right frames dropped", seen()),
            .accepted("the same on a second processor", seen(rounds: 2)),
            .rejected("nothing sent", FilteredFrames()),
            .rejected("nothing dropped", seen(dropping: [], alsoIncoming: [])),
            .rejected("everything dropped", seen(dropping: Set(PortNineFrame.allCases))),
            .rejected("a tag not taken out", seen(alsoIncoming: [])),
            .rejected("the last frame lost", withoutLast),
        ]
            + mistakes.map { mistake in
                .rejected(mistake.title, seen(dropping: dropped.union(mistake.dropped).subtracting(mistake.passed)))
            }
    }

    private static var withoutLast: FilteredFrames {
        var seen = seen()
        seen.ingress[FilteredFrames.markerTitle] = nil
        seen.egress[FilteredFrames.markerTitle] = nil
        return seen
    }

    /// Sends every frame past the program.
    public func observe(in arena: borrowing Arena) throws -> FilteredFrames {
        try FilteredFrames(of: "handle_ingress", Self.all, types: PortNineFrame.types, in: arena)
    }

    /// Demands that exactly the frames that ought to be dropped were.
    public func judge(_ seen: FilteredFrames) -> Judgement {
        Judgement(
            seen.checks(against: Self.seen(rounds: seen.rounds)),
            notReached: SenderProcessors.notReached(onOthers: seen.rounds - 1)
        )
    }
}
