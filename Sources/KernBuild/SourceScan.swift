/// What the text of a source or header could do that a list of included files does not show.
///
/// Two things put a file's bytes into an object without a line in the dependency file: directives of the assembler
/// (`.incbin`), and `#line` with a name, since the lines of the file that it names go into the object's BTF. This reads tokens
/// and expands nothing, so it answers whether such a thing is possible; where it is, the compiler's own output decides.
struct SourceScan: Sendable, Hashable {
    /// Whether there may be assembler text that is not plainly instructions.
    private(set) var mayDirectAssembler = false
    /// Whether a directive claims that lines are those of another file.
    private(set) var renamesLines = false
    /// Whether the result depends on more than the text of files that were read: on what is not there, or on the clock.
    private(set) var dependsOnMore = false
    /// Whether tokens are pasted, and whether there are tokens of which `asm` could be pasted.
    private var pastes = false
    private var startsKeyword = false
    private var endsKeyword = false

    /// The scan of nothing.
    init() {}

    /// Scans a file.
    init(_ bytes: [UInt8]) {
        var reader = SourceReader(bytes)
        while let token = reader.next() { take(token, &reader) }
        if reader.isOdd { mayDirectAssembler = true }
    }

    /// Adds what another file of the same translation unit could do.
    mutating func add(_ other: SourceScan) {
        mayDirectAssembler = mayDirectAssembler || other.mayDirectAssembler
        renamesLines = renamesLines || other.renamesLines
        dependsOnMore = dependsOnMore || other.dependsOnMore
        pastes = pastes || other.pastes
        startsKeyword = startsKeyword || other.startsKeyword
        endsKeyword = endsKeyword || other.endsKeyword
    }

    /// Whether only the compiler's own output tells what the assembler is asked to do.
    var needsProof: Bool { mayDirectAssembler || pastes && startsKeyword && endsKeyword }

    /// Words that begin like a question for a file and ask for none.
    private static let harmless: Set<String> = [
        "__has_attribute", "__has_builtin", "__has_c_attribute", "__has_declspec_attribute", "__has_extension",
        "__has_feature", "__has_warning",
    ]

    private mutating func take(_ token: SourceReader.Token, _ reader: inout SourceReader) {
        switch token {
        case .paste: pastes = true
        case .lineName: renamesLines = true
        case .word(let word):
            let core = word.trimmingUnderscores
            switch core {
            case "asm": if !reader.isPlainAssembler() { mayDirectAssembler = true }
            case "a", "as": startsKeyword = true
            case "m", "sm": endsKeyword = true
            case "DATE", "TIME", "TIMESTAMP":
                if word == "__\(core)__" { dependsOnMore = true }
            default:
                let asks = core.hasPrefix("has_") && word.hasPrefix("__") && !Self.harmless.contains(word)
                if asks || word == "__has" { dependsOnMore = true }
            }
        }
    }
}

extension String {
    fileprivate var trimmingUnderscores: Substring {
        let start = self.drop { $0 == "_" }
        return start.lastIndex { $0 != "_" }.map { start[...$0] } ?? ""
    }
}
