import RunModel

/// The way of an observation from a worker into a record and back.
enum JSONRoundTrip {
    static func value(of observation: some Encodable) throws -> JSONValue {
        try JSONValue(parsing: Array(try JSONValue(encoding: observation).text.utf8))
    }

    static func decoded<Value: Decodable>(_ value: JSONValue, as type: Value.Type) throws -> Value {
        try value.decoded(as: Value.self)
    }
}
