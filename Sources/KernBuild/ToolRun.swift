import Subprocess
import SystemPackage

/// One finished run of an outside program: how it ended and what it said.
struct ToolRun: Sendable {
    /// How the program ended.
    enum Ending: Sendable, Hashable {
        case exited(Int32)
        case signaled(Int32)
        case timedOut
    }

    let ending: Ending
    /// The beginning of what it wrote to standard output and standard error together.
    let output: [UInt8]
    /// How many bytes it wrote after that.
    let dropped: Int

    /// As much output as is kept: of a program gone mad too, the first errors are what counts.
    static let outputLimit = 256 * 1024

    /// Variables by which an environment adds to clang's command line behind our back: an object must not depend on them.
    private static let withheld: [Environment.Key: String?] = [
        "CPATH": nil, "C_INCLUDE_PATH": nil, "COMPILER_PATH": nil, "CCC_OVERRIDE_OPTIONS": nil, "LC_ALL": "C",
    ]

    /// What a program may use up.
    struct Limits: Sendable, Hashable {
        /// How long it may take.
        var time: Duration
        /// How many bytes of memory it may map; `nil` for as many as there are.
        var memory: Int?
    }

    /// Runs a program to its end, or to the end of its time.
    ///
    /// The program leads a process group of its own. When the time or the calling task is over, the group gets
    /// SIGTERM and half a second later SIGKILL; this returns only when the program is gone.
    ///
    /// - Throws: `SubprocessError` if it does not start, `CancellationError`. A non-zero exit code is no error.
    init(_ path: FilePath, arguments: [String], workingFolder: FilePath?, limits: Limits) async throws {
        self = try await withThrowingTaskGroup(of: ToolRun?.self) { group in
            group.addTask { try await Self.run(path, arguments, workingFolder, memory: limits.memory) }
            group.addTask {
                try await Self.pass(limits.time)
                return nil
            }
            defer { group.cancelAll() }
            // The group waits for both tasks before it returns, so a program that is out of time is gone by then.
            let first = try await group.next() ?? nil
            try Task.checkCancellation()
            return first ?? ToolRun(ending: .timedOut, output: [], dropped: 0)
        }
    }

    /// Waits for a time in which this process could have heard the program's end.
    ///
    /// Where all threads of Swift's pool are busy for long, the end of a sleep and the end of the program are heard of together,
    /// and the program may have ended long before. A step that took longer therefore counts as one step.
    private static func pass(_ time: Duration) async throws {
        let step = Duration.milliseconds(250)
        var left = time
        while left > .zero {
            try await Task.sleep(for: min(left, step))
            left -= step
        }
    }

    init(ending: Ending, output: [UInt8], dropped: Int) {
        self.ending = ending
        self.output = output
        self.dropped = dropped
    }

    /// What a shell does so that a program has a limit of memory and does not outlive its caller.
    ///
    /// Nothing can be done between fork(2) and execve(2) of Subprocess. So a shell sets the limit and starts the program, and a
    /// second one waits for the end of its standard input, which comes when whoever holds the other end is gone, killed or not.
    /// Both end the whole group: what a program has started is in it, and might not heed SIGTERM.
    private static let guardian = """
        trap 'kill -9 0' TERM
        ulimit -v "$1" 2>/dev/null; ulimit -c 0 2>/dev/null; shift
        exec 3<&0 </dev/null
        "$@" 3<&- & child=$!
        exec 2>/dev/null
        { read -r nothing <&3; kill -9 0; } >/dev/null & watcher=$!
        exec 3<&-
        wait $child; code=$?
        kill $watcher
        exit $code
        """

    private static func run(
        _ path: FilePath,
        _ arguments: [String],
        _ folder: FilePath?,
        memory: Int?
    ) async throws -> ToolRun {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
        ]
        let shell = FilePath("/bin/sh")
        let isGuarded = memory != nil && Files.isExecutable(shell)
        let limit = memory.map { "\(max(1, $0 >> 10))" } ?? "unlimited"
        let result = try await Subprocess.run(
            .path(isGuarded ? shell : path),
            arguments: Arguments(isGuarded ? ["-c", guardian, "sh", limit, path.string] + arguments : arguments),
            environment: .inherit.updating(withheld),
            workingDirectory: folder,
            platformOptions: options,
            input: .inputWriter,
            output: .sequence,
            error: .combinedWithOutput
        ) { execution in
            var kept: [UInt8] = []
            var dropped = 0
            // Read to the end even when nothing more is kept: a full pipe would stop the program.
            for try await buffer in execution.standardOutput {
                buffer.withUnsafeBytes { bytes in
                    let room = outputLimit - kept.count
                    kept += bytes.prefix(room)
                    dropped += max(0, bytes.count - room)
                }
            }
            return (kept, dropped)
        }
        let ending: Ending =
            switch result.terminationStatus {
            // The shell's way to pass on a signal.
            case .exited(let code) where isGuarded && code > 128 && code < 160: .signaled(code - 128)
            case .exited(let code): .exited(code)
            case .signaled(let signal): .signaled(signal)
            }
        return ToolRun(ending: ending, output: result.closureResult.0, dropped: result.closureResult.1)
    }
}
