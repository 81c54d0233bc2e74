import Reporting
import RunModel

extension CheckCommand {
    /// What is reported where: text to standard output, unless another format is asked for there.
    var formatPlan: FormatPlan { get throws { try FormatPlan(formats, fallback: "text", output: output) } }

    /// The format that goes to standard output.
    var formatPrinted: String { (try? formatPlan.printed) ?? "text" }

    // A check in the format of a name; `width` is the most columns of the text's lines.
    func rendered(
        _ record: CheckRecord,
        as name: String,
        colour: Bool,
        width: Int = LineWrap.usualWidth
    ) throws -> String {
        let text = CheckText(colour: colour, helpers: helpers, verbose: verbose, width: width)
        guard name != text.name, let format = CheckFormats.named(name) else { return text.render(record) }
        return try format.render(record)
    }

    /// Writes the formats that have files, whatever the check found.
    ///
    /// - Throws: `ExitCode` where one could not be written, which it has told.
    func writeFiles(_ record: CheckRecord) throws {
        try formatPlan.writeFiles(of: "check") { name, sink in
            sink.put(try rendered(record, as: name, colour: false))
        }
    }
}
