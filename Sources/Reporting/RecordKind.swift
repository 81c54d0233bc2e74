import RunModel

/// What a file holds, as far as its first members tell: no more of it is read than that takes.
enum RecordKind {
    /// A record of a check.
    case check
    /// A record of a run.
    case run
    /// A journal of a run.
    case journal

    /// Looks at a file; `nil` where it is none of these, or is no JSON.
    init?(of bytes: [UInt8]) {
        guard
            let kind = try? bytes.withUnsafeBufferPointer({ buffer throws(JSONFault) in try Self.kind(of: buffer) })
        else { return nil }
        self = kind
    }

    private static func kind(of bytes: UnsafeBufferPointer<UInt8>) throws(JSONFault) -> RecordKind? {
        var parser = JSONParser(bytes)
        guard parser.enter("{") else { return nil }
        var isFirst = true
        while let key = try parser.nextKey(&isFirst) {
            switch try parser.text(of: key) {
            case "schema" where parser.peek() == UInt8(ascii: "\""):
                return try parser.string().utf8.starts(with: CheckJSON.family.utf8) ? .check : .run
            // Neither a check nor an event has these, and no record has those of an event.
            case "builds", "machines", "results", "run": return .run
            case "kind", "payload": return .journal
            default: try parser.skipValue()
            }
        }
        return nil
    }
}
