import RunModel
import SystemPackage

/// The verdict on one run of the compiler.
///
/// FAIL: the tree's source or what the compiler thinks of it. ERROR: our flags and headers, libbpf's headers, the
/// compiler's own health, the machine. What fails for one of those says nothing about the kernel.
struct Finding: Sendable, Hashable {
    let verdict: Verdict
    let diagnostics: [String]

    init(_ verdict: Verdict, _ diagnostics: [String]) {
        self.verdict = verdict
        self.diagnostics = diagnostics
    }

    /// Judges a run of the compiler.
    ///
    /// - Parameters:
    ///   - run: How the compiler ended and what it said.
    ///   - command: What it was asked to do.
    ///   - timeout: How long it had.
    ///   - names: Beginnings of paths and what a reader is to see instead.
    ///   - object: Reads the object; asked for only where the compiler says that it made one.
    init(
        _ run: ToolRun,
        of command: CompileCommand,
        timeout: Duration,
        names: [(String, String)],
        object: () -> Result<[UInt8], Errno>
    ) {
        let report = CompilerReport(run.output, dropped: run.dropped, names: names)
        let compiler = "'\(command.executable)' on \(command.source.path)"
        switch run.ending {
        // LLVM's output stream calls a full disk a fatal error of the back end, with the exit code of a crash.
        case .exited(let code) where code != 0 && report.lines.contains { $0.contains("No space left on device") }:
            let cause = BuildError.cannotWrite(command.object.removingLastComponent().string, .noSpace)
            self.init(.error, report.lines + ["error: \(cause)"])
        case .timedOut:
            self.init(.error, report.lines + ["error: \(compiler) did not end within \(timeout) and was killed"])
        case .signaled(let signal):
            self.init(.error, report.lines + ["error: \(compiler) died of signal \(signal)"])
        case .exited(0):
            self.init(object(), source: command.source, warnings: report.lines)
        // The shell's and the driver's way to pass on a signal; 70 (EX_SOFTWARE) is the driver's for a crash.
        case .exited(let code) where code == 70 || code > 125:
            self.init(.error, report.lines + ["error: \(compiler) crashed (exit code \(code))"])
        case .exited(let code):
            let silent = report.culprit == nil ? ["error: \(compiler) gave exit code \(code) and no reason"] : []
            self.init(report.culprit == .tree ? .fail : .error, report.lines + silent)
        }
    }

    /// Judges an object that the compiler says is well.
    private init(_ object: Result<[UInt8], Errno>, source: KernSource, warnings: [String]) {
        switch object {
        case .failure(let cause):
            let text = "the compiler reported success and left no object that can be read: \(cause.lowercased)"
            self.init(.error, warnings + ["\(source.path): error: \(text)"])
        case .success(let bytes):
            do throws(KernObjectError) {
                _ = try KernObject(bytes)
                self.init(.pass, warnings)
            } catch .noProgram {
                // Nothing is amiss with the tools: this is what the source says.
                self.init(.fail, warnings + ["\(source.path): error: its object \(KernObjectError.noProgram)"])
            } catch {
                self.init(.error, warnings + ["\(source.path): error: its object \(error)"])
            }
        }
    }
}
