public import RunModel

/// What a worker says on descriptor 3: one JSON object a line, each in one write(2) where it fits a pipe.
///
/// What a sample prints on its own goes to descriptors 1 and 2 and cannot be taken for a frame.
public enum WorkerFrame: Sendable, Hashable {
    /// The worker made a BPF object of a kind, with this id; it must be gone when the worker is.
    case made(kind: String, id: UInt32)
    /// The sample was observed.
    case observed(JSONValue)
    /// The kernel refused the kern half; `need` is what that takes beyond the sample's needs, if anything.
    case refused(reason: Reason, message: String, details: [String], need: Need? = nil)
    /// The kernel lacks something that the sample needs, for a reason that makes it no fault of the kernel's.
    case unmet(need: Need, message: String, details: [String])
    /// The kernel had too little memory for what it was asked for, which says nothing about BPF.
    case starved(message: String, details: [String])
    /// The harness could not do its work.
    case broke(message: String)

    /// The frame as JSON.
    public var json: JSONValue {
        switch self {
        case .made(let kind, let id):
            .object(["frame": .string("made"), "kind": .string(kind), "id": .integer(Int64(id))])
        case .observed(let observation):
            .object(["frame": .string("observed"), "observation": observation])
        case .refused(let reason, let message, let details, let need):
            .object(
                [
                    "frame": .string("refused"), "reason": .string(reason.rawValue), "message": .string(message),
                    "details": .array(details.map { .string($0) }),
                ].merging(need.map { ["need": .string("\($0)")] } ?? [:]) { $1 }
            )
        case .unmet(let need, let message, let details):
            .object([
                "frame": .string("unmet"), "need": .string(need.description), "message": .string(message),
                "details": .array(details.map { .string($0) }),
            ])
        case .starved(let message, let details):
            .object([
                "frame": .string("starved"), "message": .string(message),
                "details": .array(details.map { .string($0) }),
            ])
        case .broke(let message):
            .object(["frame": .string("broke"), "message": .string(message)])
        }
    }

    /// Reads a frame; `nil` unless the JSON is a frame.
    public init?(_ json: JSONValue) {
        switch json["frame"]?.stringValue {
        case "made":
            guard let kind = json["kind"]?.stringValue, case .integer(let id) = json["id"], let id = UInt32(exactly: id)
            else { return nil }
            self = .made(kind: kind, id: id)
        case "observed":
            guard let observation = json["observation"] else { return nil }
            self = .observed(observation)
        case "refused":
            guard let reason = json["reason"]?.stringValue.flatMap(Reason.init(rawValue:)),
                let message = json["message"]?.stringValue, case .array(let details) = json["details"]
            else { return nil }
            let need = json["need"]?.stringValue
            guard need == nil || need.flatMap({ Need($0) }) != nil else { return nil }
            self = .refused(
                reason: reason,
                message: message,
                details: details.compactMap(\.stringValue),
                need: need.flatMap { Need($0) }
            )
        case "unmet":
            guard let need = json["need"]?.stringValue.flatMap(Need.init(_:)),
                let message = json["message"]?.stringValue, case .array(let details) = json["details"]
            else { return nil }
            self = .unmet(need: need, message: message, details: details.compactMap(\.stringValue))
        case "starved":
            guard let message = json["message"]?.stringValue, case .array(let details) = json["details"] else {
                return nil
            }
            self = .starved(message: message, details: details.compactMap(\.stringValue))
        case "broke":
            guard let message = json["message"]?.stringValue else { return nil }
            self = .broke(message: message)
        default:
            return nil
        }
    }
}

extension WorkerFrame {
    /// Reads a line that says ``made(kind:id:)``, as ``json`` spells it and in no other spelling; `nil` for any other line.
    ///
    /// A line that begins otherwise, such as an observation, is not read.
    public static func made(in line: String) -> (kind: String, id: UInt32)? {
        guard line.hasPrefix("{\"frame\":\"made\","), let json = try? JSONValue(parsing: Array(line.utf8)),
            case .made(let kind, let id) = WorkerFrame(json), json.text == line
        else { return nil }
        return (kind, id)
    }
}
