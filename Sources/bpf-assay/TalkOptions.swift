import ArgumentParser
import CommandInput

/// How much a command says, and in what colours.
struct TalkOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Print only results and errors: no progress and no notes.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Also print what was chosen, and details that are otherwise left out.")
    var verbose = false

    @Option(help: "Colour text: auto (on a terminal), always or never.")
    var color = ColourChoice.auto

    /// When to write escape sequences.
    enum ColourChoice: String, ExpressibleByArgument, CaseIterable {
        case auto, always, never
    }

    func validate() throws {
        if quiet, verbose { throw ValidationError("--quiet and --verbose are mutually exclusive") }
    }

    /// How much to say.
    var verbosity: Verbosity { Verbosity(quiet: quiet, verbose: verbose) }

    /// Whether escape sequences may be written to a descriptor.
    func usesColour(on descriptor: CInt) -> Bool {
        switch color {
        case .always: true
        case .never: false
        case .auto: Console.hasColour(descriptor)
        }
    }

    /// Writes a line of talk that only matters to somebody who watches.
    func note(_ line: @autoclosure () -> String) {
        if verbosity >= .normal { Console.say(line()) }
    }

    /// Writes a line of talk for somebody who asked for all of it.
    func detail(_ line: @autoclosure () -> String) {
        if verbosity >= .verbose { Console.say(line()) }
    }

    /// A name as a heading of text on standard output.
    func heading(_ text: String) -> String {
        usesColour(on: 1) ? "\u{1b}[1m\(text)\u{1b}[m" : text
    }
}
