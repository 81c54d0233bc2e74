public import SystemPackage

/// One run of clang: a kern source in, an object out.
public struct CompileCommand: Sendable, Hashable {
    /// The source and the sample it belongs to.
    public let source: KernSource
    /// The compiler's path.
    public let executable: String
    /// What comes before the source and the output.
    public let options: [String]
    /// The folder to run in: the tree, so that file names in the object are relative to it.
    public let workingFolder: FilePath
    /// Where the object goes.
    public let object: FilePath

    /// The whole command line, the compiler's path first.
    public var argv: [String] { [executable] + arguments(writingTo: object) }

    /// The arguments with another output, such as a temporary name.
    func arguments(writingTo output: FilePath) -> [String] {
        options + ["-c", source.path, "-o", output.string]
    }

    /// The command as a line for a POSIX shell.
    public var shellText: String {
        "cd \(ShellText.quote(workingFolder.string)) && " + argv.map(ShellText.quote).joined(separator: " ")
    }
}

/// Text that a POSIX shell reads back as it was.
enum ShellText {
    /// Quotes a word where it needs it.
    static func quote(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "_-+=/.,:@%".utf8.contains(byte)
            }
        }
        if isPlain, !word.isEmpty { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
