public import RunModel

/// A form that a check's record can be printed in: a pure function of the record.
public protocol CheckFormat: Sendable {
    /// The format's name on the command line.
    var name: String { get }

    /// Renders a check, with a line's end behind it.
    func render(_ record: CheckRecord) throws(RecordError) -> String
}
