/// The formats of a check, by the name that `--format` takes.
public enum CheckFormats {
    /// Every format, in the order in which help lists them.
    public static let all: [any CheckFormat] = [
        CheckText(), CheckJSON(), CheckKTAP(), CheckJUnit(), CheckMarkdown(), CheckMacros(),
    ]

    /// The names of all formats.
    public static var names: [String] { all.map(\.name) }

    /// The format of a name, `nil` if there is none.
    public static func named(_ name: String) -> (any CheckFormat)? {
        all.first { $0.name == name }
    }
}
