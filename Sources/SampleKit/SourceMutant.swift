/// A fault in the source of a kern half that the sample's oracle must not pass: one word of the source replaced.
///
/// A slip in a source, a broken compiler and a broken kernel often look alike from outside, so such faults show what an
/// oracle is worth. A sample lists its own in its folder; tests compile each with clang and demand a FAIL.
///
/// Words are counted in the source of Linux 6.1, outside of comments and literals. A word is a run of letters, digits and
/// underscores, the longest operator of C that fits, or one other character.
public struct SourceMutant: Sendable, Hashable {
    /// The word that is replaced.
    public let word: String
    /// Which appearance of the word it is, counted from 1.
    public let occurrence: Int
    /// The text that stands in its place.
    public let replacement: String
    /// What the kern half does wrong then, such as "counts by the other address".
    public let meaning: String
    /// The file, relative to the tree; `nil` for the sample's first kern source.
    public let file: String?

    /// Names one word of a source and what stands in its place.
    public init(
        _ word: String,
        _ occurrence: Int,
        _ replacement: String,
        _ meaning: String,
        in file: String? = nil
    ) {
        self.word = word
        self.occurrence = occurrence
        self.replacement = replacement
        self.meaning = meaning
        self.file = file
    }
}
