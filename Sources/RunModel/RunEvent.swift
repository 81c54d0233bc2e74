/// Something that happened during a run, in the order it happened.
///
/// The journal of a run is these events, one JSON object a line, written out as each happens. Every report is
/// computed from the journal alone. Readers skip kinds they do not know.
public enum RunEvent: Sendable, Hashable {
    /// The run began, on these machines, with these cells to fill.
    case runStarted(RunInfo, machines: [Machine], plan: [PlannedSample])
    /// A feature was checked.
    case checked(CheckResult)
    /// A kern object was built, or not.
    case built(BuildResult)
    /// A guest of a virtual machine was started, or could not be.
    case guestStarted(GuestStart)
    /// A sample's run began.
    case sampleStarted(PlannedSample)
    /// A sample's run ended.
    case sampleEnded(SampleResult)
    /// The run ended by itself or by an interruption, at this time (RFC 3339).
    case runEnded(at: String, interrupted: Bool)
}

/// What identifies a run.
public struct RunInfo: Sendable, Hashable, Codable {
    /// Unique on this machine; also the name of the results' folder.
    public var id: String
    /// When it began, RFC 3339 in UTC.
    public var started: String
    /// When it ended; `nil` for a run that was cut short.
    public var ended: String?
    /// Name and version of the tool.
    public var tool: String
    /// The command line.
    public var command: [String]

    /// Creates a run's identity.
    public init(id: String, started: String, ended: String? = nil, tool: String, command: [String]) {
        self.id = id
        self.started = started
        self.ended = ended
        self.tool = tool
        self.command = command
    }
}

/// A cell that a run is going to fill.
public struct PlannedSample: Sendable, Hashable, Codable {
    /// `<family>/<name>`.
    public var sample: String
    /// The ``Machine/id``.
    public var machine: String
    /// What the cell ought to give.
    public var expected: SampleResult.Expectation
    /// What the sample needs of a machine; `nil` in journals of the first version.
    public var needs: [Need]?

    /// Creates a planned cell.
    public init(
        sample: String,
        machine: String,
        expected: SampleResult.Expectation = .pass,
        needs: [Need]? = nil
    ) {
        self.sample = sample
        self.machine = machine
        self.expected = expected
        self.needs = needs
    }
}

extension RunEvent: Codable {
    /// The version of the journal that this code reads and writes.
    public static let journalVersion = 1

    /// What an event's `kind` can be.
    ///
    /// A reader skips any other word.
    public enum Kind: String, Sendable, CaseIterable {
        /// ``RunEvent/runStarted(_:machines:plan:)``
        case runStarted = "run-started"
        /// ``RunEvent/checked(_:)``
        case checked
        /// ``RunEvent/built(_:)``
        case built
        /// ``RunEvent/guestStarted(_:)``
        case guestStarted = "guest-started"
        /// ``RunEvent/sampleStarted(_:)``
        case sampleStarted = "sample-started"
        /// ``RunEvent/sampleEnded(_:)``
        case sampleEnded = "sample-ended"
        /// ``RunEvent/runEnded(at:interrupted:)``
        case runEnded = "run-ended"
    }

    private enum CodingKeys: String, CodingKey { case version, kind, payload }

    private struct Start: Codable {
        var run: RunInfo
        var machines: [Machine]
        var plan: [PlannedSample]
    }

    private struct End: Codable {
        var at: String
        var interrupted: Bool
    }

    /// Reads one event.
    ///
    /// - Throws: `DecodingError` for another version of the journal, for a kind that this version does not know, or
    ///   for a payload that does not fit its kind.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let version = try container.decode(Int.self, forKey: .version)
        let kind = try container.decode(String.self, forKey: .kind)
        guard version == Self.journalVersion else {
            throw DecodingError.dataCorruptedError(
                forKey: .version,
                in: container,
                debugDescription: "journal version \(version) is not \(Self.journalVersion)"
            )
        }
        guard let kind = Kind(rawValue: kind) else {
            throw DecodingError.dataCorruptedError(
                forKey: .kind,
                in: container,
                debugDescription: "unknown event kind '\(kind)'"
            )
        }
        switch kind {
        case .runStarted:
            let start = try container.decode(Start.self, forKey: .payload)
            self = .runStarted(start.run, machines: start.machines, plan: start.plan)
        case .checked: self = .checked(try container.decode(CheckResult.self, forKey: .payload))
        case .built: self = .built(try container.decode(BuildResult.self, forKey: .payload))
        case .guestStarted: self = .guestStarted(try container.decode(GuestStart.self, forKey: .payload))
        case .sampleStarted: self = .sampleStarted(try container.decode(PlannedSample.self, forKey: .payload))
        case .sampleEnded: self = .sampleEnded(try container.decode(SampleResult.self, forKey: .payload))
        case .runEnded:
            let end = try container.decode(End.self, forKey: .payload)
            self = .runEnded(at: end.at, interrupted: end.interrupted)
        }
    }

    /// Writes the event as `{"kind": …, "payload": …, "version": 1}`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.journalVersion, forKey: .version)
        func put(_ kind: Kind, _ payload: some Encodable) throws {
            try container.encode(kind.rawValue, forKey: .kind)
            try container.encode(payload, forKey: .payload)
        }
        switch self {
        case .runStarted(let run, let machines, let plan):
            try put(.runStarted, Start(run: run, machines: machines, plan: plan))
        case .checked(let result): try put(.checked, result)
        case .built(let result): try put(.built, result)
        case .guestStarted(let start): try put(.guestStarted, start)
        case .sampleStarted(let cell): try put(.sampleStarted, cell)
        case .sampleEnded(let result): try put(.sampleEnded, result)
        case .runEnded(let at, let interrupted): try put(.runEnded, End(at: at, interrupted: interrupted))
        }
    }
}
