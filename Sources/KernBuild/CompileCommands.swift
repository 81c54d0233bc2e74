import RunModel
import SystemPackage

extension BuildExecutor {
    /// Writes a plan's commands into its output folder as a JSON compilation database.
    ///
    /// The format is clang's (https://clang.llvm.org/docs/JSONCompilationDatabase.html). The headers that the commands name
    /// are those of a build, so this follows one.
    ///
    /// - Throws: ``BuildError`` if the file cannot be written.
    public static func writeCompileCommands(of plan: BuildPlan) throws(BuildError) {
        let file = plan.output.appending(BuildPlan.commandsFile)
        try OutputFolder.check(file, Files.write(Array((plan.compileCommands + "\n").utf8), to: file))
        let mark = plan.workFolder.appending("made")
        try OutputFolder.check(mark, Files.makeFolder(mark))
        try OutputFolder.check(mark, Files.write([], to: mark.appending(BuildPlan.commandsFile)))
    }
}

extension BuildPlan {
    /// The commands as a JSON compilation database.
    public var compileCommands: String {
        JSONValue.array(
            commands.map { command in
                .object([
                    "directory": .string(command.workingFolder.string),
                    "file": .string(command.source.path),
                    "arguments": .array(command.argv.map { .string($0) }),
                    "output": .string(command.object.string),
                ])
            }
        ).text
    }
}
