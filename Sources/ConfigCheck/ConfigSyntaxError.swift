/// A line of a config or a fragment that no kernel build would have written.
public struct ConfigSyntaxError: Error, Equatable, CustomStringConvertible {
    /// The line's number, from 1.
    public let line: Int
    /// What is wrong with it.
    public let reason: Reason

    /// The ways a line can be malformed.
    ///
    /// The texts are printable and at most 60 characters long.
    public enum Reason: Error, Equatable {
        /// The line is neither a setting, a comment nor blank.
        case notASetting(String)
        /// Nothing follows the option's equals sign, or there is no equals sign.
        case missingValue(option: String)
        /// The value is neither `y`, `m`, `n`, a number nor a quoted string.
        case unreadableValue(option: String, String)
        /// A string value has no closing quotation mark.
        case unterminatedString(option: String)
        /// Something follows the closing quotation mark.
        case textAfterString(option: String, String)
        /// The line has this many bytes, more than any that Kconfig writes.
        case overlong(Int)
        /// The line begins an unresolved conflict of a merge.
        case mergeConflict
        /// The file ends in the middle of this line, as after a full disk or a broken copy.
        case cutShort(String)
    }

    /// The line and what is wrong with it, as a compiler would say it.
    public var description: String { "line \(line): \(reason)" }
}

extension ConfigSyntaxError.Reason: CustomStringConvertible {
    /// What is wrong, without the line's number.
    public var description: String {
        switch self {
        case .notASetting(let text): "expected 'CONFIG_X=…' or a comment, found '\(text)'"
        case .missingValue(let option): "\(option) has no value"
        case .unreadableValue(let option, let text):
            "\(option) is set to '\(text)', which is neither y, m, n, a number nor a quoted string"
        case .unterminatedString(let option): "the string value of \(option) has no closing quotation mark"
        case .textAfterString(let option, let text): "'\(text)' follows the string value of \(option)"
        case .overlong(let count): "it has \(count) bytes, more than any line that Kconfig writes"
        case .mergeConflict: "a merge left a conflict here; resolve it and keep one of the two sides"
        case .cutShort(let text): "the file is cut short at '\(text)'"
        }
    }
}
