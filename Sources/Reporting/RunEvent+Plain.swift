import FoundationEssentials
import RunModel

extension RunEvent {
    /// Reads an event of a kind that journals hold by the thousand, in the form in which this version writes it.
    ///
    /// - Returns: `nil` for any other line, which is then read by `Decodable`; that also says what is wrong with it.
    init?(plain line: UnsafeBufferPointer<UInt8>, _ pool: StringPool, _ keepsObservations: Bool) {
        guard let event = try? Self.plain(JSONParser(line, pool: pool), keepsObservations) else { return nil }
        self = event
    }

    private static func plain(_ parser: JSONParser, _ keepsObservations: Bool) throws(JSONFault) -> RunEvent? {
        var parser = parser
        var isFirst = true
        // Keys are written in order: the kind stands before what it is of.
        guard parser.enter("{"), let key = try parser.nextKey(&isFirst), parser.isKey(key, "kind"),
            let kind = Kind(rawValue: try parser.string()),
            let key = try parser.nextKey(&isFirst), parser.isKey(key, "payload")
        else { return nil }
        let event: RunEvent?
        switch kind {
        case .runStarted: event = try start(&parser)
        case .sampleStarted: event = try parser.plannedSample().map(RunEvent.sampleStarted)
        case .sampleEnded:
            event = try parser.result(keepsObservation: keepsObservations).map(RunEvent.sampleEnded)
        case .checked, .built, .guestStarted, .runEnded: return nil
        }
        guard let event, let key = try parser.nextKey(&isFirst), parser.isKey(key, "version"),
            try parser.double() == Double(journalVersion), try parser.nextKey(&isFirst) == nil
        else { return nil }
        try parser.expectEnd()
        return event
    }

    /// The start of a run: its plan has as many cells as there will be results, the rest is small.
    private static func start(_ parser: inout JSONParser) throws(JSONFault) -> RunEvent? {
        guard parser.enter("{") else { return nil }
        var plan: [PlannedSample]?
        var frame = Array("{\"kind\":\"\(Kind.runStarted.rawValue)\",\"version\":\(journalVersion),\"payload\":{".utf8)
        var isFirst = true
        var names: Set<String> = []
        while let key = try parser.nextKey(&isFirst) {
            let name = try parser.text(of: key)
            guard names.insert(name).inserted else { return nil }
            if names.count > 1 { frame.append(UInt8(ascii: ",")) }
            frame += JSONValue.string(name).text.utf8
            frame.append(UInt8(ascii: ":"))
            let start = parser.position
            if name == "plan" {
                guard let cells = try cells(&parser) else { return nil }
                plan = cells
                frame += "[]".utf8
            } else {
                try parser.skipValue()
                frame += parser.slice(start, parser.position)
            }
        }
        frame += "}}".utf8
        guard let plan,
            case .runStarted(let run, let machines, _)? = try? JSONDecoder().decode(Self.self, from: Data(frame))
        else { return nil }
        return .runStarted(run, machines: machines, plan: plan)
    }

    private static func cells(_ parser: inout JSONParser) throws(JSONFault) -> [PlannedSample]? {
        guard parser.enter("[") else { return nil }
        var cells: [PlannedSample] = []
        var isFirst = true
        while try parser.hasElement(&isFirst) {
            guard let cell = try parser.plannedSample() else { return nil }
            cells.append(cell)
        }
        return cells
    }
}
