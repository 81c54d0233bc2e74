import FoundationEssentials
import RunModel

/// The way of an observation from a worker into a record and back.
enum JSONRoundTrip {
    static func value(of observation: some Encodable) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: try JSONEncoder().encode(observation))
    }

    static func decoded<Value: Decodable>(_ value: JSONValue, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(Value.self, from: try JSONEncoder().encode(value))
    }
}
