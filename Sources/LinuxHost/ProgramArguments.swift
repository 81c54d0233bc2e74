import CLinux

/// The words of this process's command line.
public enum ProgramArguments {
    /// All of them, the program's name first, as the kernel handed them over.
    ///
    /// `CommandLine.arguments` reads `/proc/self/cmdline`: where no `/proc` is mounted it is empty, and a command that was
    /// given would be taken for none.
    public static let all: [String] = {
        let words = (0..<lx_argument_count()).compactMap { lx_argument($0).map { String(cString: $0) } }
        return words.isEmpty ? CommandLine.arguments : words
    }()
}
