extension JSONValue {
    /// Turns any encodable value into JSON, by the rules of Foundation's `JSONEncoder`.
    ///
    /// The worker cannot afford Foundation: its encoder alone would double the size of a program that is copied into every
    /// guest. Dictionaries whose keys are strings or integers become objects; others become arrays of keys and values.
    ///
    /// - Throws: `EncodingError` where a value encodes nothing, or a number is not finite.
    public init(encoding value: some Encodable) throws {
        let encoder = ValueEncoder(codingPath: [])
        try value.encode(to: encoder)
        self = try encoder.box.value(at: [])
    }
}

/// What an encoder has been given so far; containers share it, since they are values.
private final class Box {
    var single: JSONValue?
    var members: [String: Box]?
    var elements: [Box]?

    func value(at path: [any CodingKey]) throws -> JSONValue {
        if let members { return .object(try members.mapValues { try $0.value(at: path) }) }
        if let elements { return .array(try elements.map { try $0.value(at: path) }) }
        guard let single else {
            let context = EncodingError.Context(codingPath: path, debugDescription: "nothing was encoded")
            throw EncodingError.invalidValue(self, context)
        }
        return single
    }

    func member(_ key: String) -> Box {
        let box = Box()
        if members == nil { members = [:] }
        members?[key] = box
        return box
    }

    func element() -> Box {
        let box = Box()
        if elements == nil { elements = [] }
        elements?.append(box)
        return box
    }
}

private struct ValueEncoder: Encoder {
    let box: Box
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(codingPath: [any CodingKey], box: Box = Box()) {
        self.codingPath = codingPath
        self.box = box
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        box.members = box.members ?? [:]
        return KeyedEncodingContainer(KeyedContainer(box: box, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        box.elements = box.elements ?? []
        return ListContainer(box: box, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        SingleContainer(box: box, codingPath: codingPath)
    }

    /// Encodes a value into a box.
    static func put(_ value: some Encodable, into box: Box, _ path: [any CodingKey]) throws {
        switch value {
        case let value as Bool: box.single = .bool(value)
        case let value as String: box.single = .string(value)
        case let value as any BinaryInteger: box.single = try number(value, path)
        case let value as Double: box.single = try number(value, path)
        case let value as Float: box.single = try number(Double(value), path)
        default: try value.encode(to: ValueEncoder(codingPath: path, box: box))
        }
    }

    private static func number(_ value: any BinaryInteger, _ path: [any CodingKey]) throws -> JSONValue {
        if let signed = Int64(exactly: value) { return .integer(signed) }
        if let unsigned = UInt64(exactly: value) { return .unsigned(unsigned) }
        let context = EncodingError.Context(codingPath: path, debugDescription: "the number has more than 64 bits")
        throw EncodingError.invalidValue(value, context)
    }

    private static func number(_ value: Double, _ path: [any CodingKey]) throws -> JSONValue {
        guard value.isFinite else {
            let context = EncodingError.Context(codingPath: path, debugDescription: "JSON has no such number")
            throw EncodingError.invalidValue(value, context)
        }
        return .number(value)
    }
}

private struct KeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let box: Box
    let codingPath: [any CodingKey]

    func encodeNil(forKey key: Key) { box.member(key.stringValue).single = .null }

    func encode(_ value: some Encodable, forKey key: Key) throws {
        try ValueEncoder.put(value, into: box.member(key.stringValue), codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        ValueEncoder(codingPath: codingPath + [key], box: box.member(key.stringValue)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        ValueEncoder(codingPath: codingPath + [key], box: box.member(key.stringValue)).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { ValueEncoder(codingPath: codingPath, box: box.member("super")) }

    func superEncoder(forKey key: Key) -> any Encoder {
        ValueEncoder(codingPath: codingPath + [key], box: box.member(key.stringValue))
    }
}

private struct ListContainer: UnkeyedEncodingContainer {
    let box: Box
    let codingPath: [any CodingKey]
    var count: Int { box.elements?.count ?? 0 }

    /// A place in a list, for what an error says.
    private struct Index: CodingKey {
        let intValue: Int?
        var stringValue: String { "\(intValue ?? 0)" }

        init(intValue: Int) { self.intValue = intValue }
        init?(stringValue: String) { nil }
    }

    private var nextPath: [any CodingKey] { codingPath + [Index(intValue: count)] }

    func encodeNil() { box.element().single = .null }

    func encode(_ value: some Encodable) throws {
        let path = nextPath
        try ValueEncoder.put(value, into: box.element(), path)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        let path = nextPath
        return ValueEncoder(codingPath: path, box: box.element()).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        let path = nextPath
        return ValueEncoder(codingPath: path, box: box.element()).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        let path = nextPath
        return ValueEncoder(codingPath: path, box: box.element())
    }
}

private struct SingleContainer: SingleValueEncodingContainer {
    let box: Box
    let codingPath: [any CodingKey]

    func encodeNil() { box.single = .null }

    func encode(_ value: some Encodable) throws { try ValueEncoder.put(value, into: box, codingPath) }
}
