/// What is wrong with JSON, in words for a person: Swift's own texts name its types and keys of ours.
public enum DecodingFailure {
    /// Says what a decoder or an encoder objected to and where: `results[2].verdict has a value that is not known here`.
    ///
    /// - Parameters:
    ///   - error: What was thrown. An error of this program describes itself.
    ///   - place: What was decoded by itself, where it is a part of something larger: `results[2]`.
    /// - Returns: One line; text of the JSON in it is not escaped.
    public static func text(of error: any Error, in place: String = "") -> String {
        func path(_ keys: [any CodingKey]) -> String {
            keys.isEmpty && place.isEmpty ? "it" : keys.reduce(place, joined)
        }
        return switch error {
        case DecodingError.keyNotFound(let key, let context):
            "\(path(context.codingPath)) lacks '\(key.stringValue)'"
        case DecodingError.typeMismatch(let type, let context):
            "\(path(context.codingPath)) is not \(name(of: type))"
        case DecodingError.valueNotFound(_, let context): "\(path(context.codingPath)) is null"
        case DecodingError.dataCorrupted(let context):
            // A sentence of this program begins as its messages do; one of Swift's with a capital.
            context.codingPath.isEmpty && place.isEmpty
                ? "it is not valid JSON"
                : context.debugDescription.first?.isUppercase == false
                    ? "\(path(context.codingPath)): \(context.debugDescription)"
                    : "\(path(context.codingPath)) has a value that is not known here"
        case EncodingError.invalidValue(let value, let context): "\(path(context.codingPath)) cannot be \(value)"
        default: "\(error)"
        }
    }

    /// What JSON calls the values that decode as a type.
    private static func name(of type: Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is any BinaryInteger.Type, is any BinaryFloatingPoint.Type: "a number that fits"
        case is any Sequence.Type where !(type is any DictionaryType.Type): "an array"
        default: "of the form that is expected"
        }
    }

    private static func joined(_ path: String, _ key: any CodingKey) -> String {
        key.intValue.map { "\(path)[\($0)]" } ?? (path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)")
    }
}

/// Tells dictionaries from what JSON calls arrays.
private protocol DictionaryType {}
extension Dictionary: DictionaryType {}
