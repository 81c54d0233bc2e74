/// Why a profile cannot be used.
public enum ProfileError: Error, Equatable, CustomStringConvertible {
    /// No profile of this name is built in, and no file has it.
    case unknownName(String, known: [String])
    /// The profile's file could not be read.
    case file(ConfigSourceError)
    /// A line of the profile makes no sense.
    case line(profile: String, line: Int, Reason)
    /// The profile asks for nothing.
    case noOptions(profile: String)

    /// What can be wrong with a profile's line.
    public enum Reason: Error, Equatable, CustomStringConvertible {
        /// It is no line of a config.
        case syntax(ConfigSyntaxError.Reason)
        /// A note opens a bracket and does not close it.
        case unterminatedNote(String)
        /// A note names kernel versions in a way that cannot be read.
        case unreadableRange(String)
        /// An option's notes name kernel versions twice.
        case secondRange(String)
        /// What a note says of an option or feature fails both the check as a whole and nothing.
        case secondWeight(String)
        /// A note names a feature in a way that none is called.
        case unreadableFeature(String)
        /// A note names a feature behind other clauses, where it would seem to be about an option.
        case lateFeature(String)
        /// A note has no option after it, as when the file was cut short.
        case noteWithoutOption
        /// An option is asked for twice, with different values and of the same kernels.
        case contradiction(option: String, earlierLine: Int)

        /// What is wrong and, where it is not plain, what would be right.
        public var description: String {
            switch self {
            case .syntax(let reason): "\(reason)"
            case .unterminatedNote(let text): "the note '\(text)' has no closing bracket"
            case .unreadableRange(let text):
                "'\(text)' names no kernel versions; write '4.1 through 4.6', '4.7 and later' or '4.6 and earlier'"
            case .secondRange(let text): "'\(text)' is a second range of kernel versions for one option"
            case .secondWeight(let text): "'\(text)' contradicts what the same note says before; keep one of the two"
            case .unreadableFeature(let text):
                "'\(text)' names no feature; write BPF_PROG_TYPE_X, BPF_MAP_TYPE_X, BPF_LINK_TYPE_X, attach:x, "
                    + "effect:x or subsystem:x"
            case .lateFeature(let text): "the feature '\(text)' must stand first in its brackets"
            case .noteWithoutOption:
                "no option follows the note; what is said of a feature stands in the feature's own brackets"
            case .contradiction(let option, let earlierLine):
                "\(option) is asked for with another value in line \(earlierLine); keep one of the two"
            }
        }
    }

    /// The attempt, the object, the cause and, where one is known, the remedy.
    public var description: String {
        switch self {
        case .unknownName(let name, let known):
            "reading the profile '\(printable(name))': no such file, and the built-in ones are "
                + known.dropLast().joined(separator: ", ") + known.suffix(1).map { " and \($0)" }.joined()
                + "; give one of these or a path"
        case .file(let error): "\(error)"
        case .line(let profile, let line, let reason):
            "reading the profile '\(printable(profile))': line \(line): \(reason)"
        case .noOptions(let profile):
            "reading the profile '\(printable(profile))': it asks for no option and no feature; give a file with CONFIG_ lines"
        }
    }
}
