public import SystemPackage

/// One kern source's way to an object: one run of clang, or two where an intermediate form lies between.
public struct CompileCommand: Sendable, Hashable {
    /// The source and the sample it belongs to.
    public let source: KernSource
    /// The compiler's path.
    public let executable: String
    /// What comes before the source and the output.
    public let options: [String]
    /// The options of a second run, which turns the first one's output into BPF; `nil` where one run does it all.
    public let lowering: [String]?
    /// The folder to run in: the tree, so that file names in the object are relative to it.
    public let workingFolder: FilePath
    /// Where the object goes.
    public let object: FilePath

    /// The command line of the first run, the compiler's path first.
    public var argv: [String] {
        [executable] + arguments(writingTo: lowering == nil ? object : intermediate(of: object))
    }

    /// The arguments of the first run with another output, such as a temporary name.
    func arguments(writingTo output: FilePath, before: [String] = []) -> [String] {
        options + before + ["-c", source.path, "-o", output.string]
    }

    /// The arguments of the second run.
    func loweringArguments(_ options: [String], writingTo output: FilePath) -> [String] {
        options + ["-x", "ir", intermediate(of: output).string, "-c", "-o", output.string]
    }

    /// Where the first run's output goes for a given object: LLVM's intermediate form, as text.
    func intermediate(of object: FilePath) -> FilePath { FilePath("\(object).ll") }

    /// The command as a line for a POSIX shell.
    public var shellText: String {
        let first = argv.map(ShellText.quote).joined(separator: " ")
        let second = lowering.map { options in
            " && "
                + ([executable] + loweringArguments(options, writingTo: object)).map(ShellText.quote)
                .joined(separator: " ")
        }
        return "cd \(ShellText.quote(workingFolder.string)) && \(first)\(second ?? "")"
    }
}

/// An object linked of others by libbpf's static linker.
public struct JoinCommand: Sendable, Hashable {
    /// The sample it belongs to.
    public let sample: String
    /// Where it goes.
    public let object: FilePath
    /// What it is linked of.
    public let parts: [FilePath]

    /// The command as a line for a POSIX shell; the build itself calls libbpf.
    public var shellText: String {
        (["bpftool", "gen", "object", object.string] + parts.map(\.string)).map(ShellText.quote).joined(separator: " ")
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
