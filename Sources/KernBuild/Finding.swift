import RunModel
import SystemPackage

/// The verdict on one run of the compiler.
///
/// FAIL: the tree's source or what the compiler thinks of it. ERROR: our flags and headers, libbpf's headers, the
/// compiler's own health, the machine. What fails for one of those says nothing about the kernel.
struct Finding: Sendable, Hashable {
    let verdict: Verdict
    let diagnostics: [String]
    /// Whose fault it is; `nil` with a PASS.
    let fault: BuildFault?
    /// Why, in one line; `nil` with a PASS.
    let cause: String?

    init(passed diagnostics: [String]) {
        verdict = .pass
        self.diagnostics = diagnostics
        fault = nil
        cause = nil
    }

    /// A failure whose cause stands at the end of the diagnostics as well, unless the compiler has said it already.
    init(_ fault: BuildFault, _ diagnostics: [String], cause: String, isSaid: Bool = false) {
        verdict = fault == .tree ? .fail : .error
        let line = cause.contains(": error: ") ? cause : "error: \(cause)"
        self.diagnostics = diagnostics + (isSaid ? [] : [line])
        self.fault = fault
        self.cause = cause
    }

    /// Judges a run of the compiler.
    ///
    /// - Parameters:
    ///   - run: How the compiler ended.
    ///   - report: What it said.
    ///   - command: What it was asked to do.
    ///   - limits: What it might use up.
    ///   - plan: What the command is part of.
    ///   - object: Reads the object; asked for only where the compiler says that it made one.
    init(
        _ run: ToolRun,
        _ report: CompilerReport,
        of command: CompileCommand,
        limits: ToolRun.Limits,
        plan: BuildPlan,
        object: () -> Result<[UInt8], Errno>
    ) {
        let compiler = "'\(command.executable)' on \(command.source.path)"
        switch run.ending {
        // LLVM's output stream calls a full disk a fatal error of the back end, with the exit code of a crash.
        case .exited(let code) where code != 0 && report.lines.contains { $0.contains("No space left on device") }:
            let folder = command.object.removingLastComponent().string
            self.init(.harness, report.lines, cause: "\(BuildError.cannotWrite(folder, .noSpace))")
        case .timedOut:
            let limit = "\(limits.time), the limit for one compiler"
            self.init(.compiler, report.lines, cause: "\(compiler) did not end within \(limit), and was killed")
        case .exited(let code) where code != 0 && report.isOutOfMemory, .signaled(let code) where report.isOutOfMemory:
            let limit = limits.memory.map { "\($0 >> 20) MB" } ?? "the machine has"
            self.init(
                .compiler,
                report.lines,
                cause: "\(compiler) needed more memory than \(limit), the limit for one compiler (code \(code))"
            )
        case .signaled(let signal):
            self.init(.compiler, report.lines, cause: "\(compiler) died of signal \(signal)")
        case .exited(0):
            // What is made to be linked to others may have its programs in those.
            let isPart = plan.joins.contains { $0.parts.contains(command.object) }
            self.init(object(), source: command.source, isPart: isPart, warnings: report.lines)
        // The shell's and the driver's way to pass on a signal; 70 (EX_SOFTWARE) is the driver's for a crash.
        case .exited(let code) where code == 70 || code > 125:
            self.init(.compiler, report.lines, cause: "\(compiler) crashed (exit code \(code))")
        case .exited(let code):
            self.init(refused: report, code: code, command, plan)
        }
    }

    /// Judges a refusal.
    private init(refused report: CompilerReport, code: Int32, _ command: CompileCommand, _ plan: BuildPlan) {
        let oldest = Compiler.oldest(for: command.source.types)
        if let release = plan.compiler.release, release.major < oldest {
            let old = "clang \(release.major).\(release.minor) is too old for \(command.source.path)"
            self.init(
                .compiler,
                report.lines,
                cause: "\(old): it takes clang \(oldest) or newer; name one with --clang"
            )
            return
        }
        guard let culprit = report.culprit, let line = report.firstError else {
            let compiler = "'\(command.executable)' on \(command.source.path)"
            self.init(.harness, report.lines, cause: "\(compiler) gave exit code \(code) and no reason")
            return
        }
        guard culprit == .btf, let origin = plan.typesOrigin else {
            self.init(culprit, report.lines, cause: line, isSaid: true)
            return
        }
        let remedy = "name the BTF of a kernel that has it with --btf"
        self.init(.btf, report.lines, cause: "\(line): the types are those of '\(origin)'; \(remedy)", isSaid: true)
    }

    /// Judges an object that libbpf has linked.
    init(linked object: Result<[UInt8], Errno>, name: String) {
        do {
            _ = try KernObject(try object.get())
            self.init(passed: [])
        } catch KernObjectError.noProgram {
            self.init(.tree, [], cause: "\(name): it \(KernObjectError.noProgram)")
        } catch let error as KernObjectError {
            self.init(.harness, [], cause: "\(name): libbpf reported success, and it \(error)")
        } catch {
            self.init(.harness, [], cause: "\(name): libbpf reported success and left no object that can be read")
        }
    }

    /// Judges an object that the compiler says is well.
    private init(_ object: Result<[UInt8], Errno>, source: KernSource, isPart: Bool, warnings: [String]) {
        switch object {
        case .failure(let cause):
            let text = "the compiler reported success and left no object that can be read: \(cause.lowercased)"
            self.init(.compiler, warnings, cause: "\(source.path): error: \(text)")
        case .success(let bytes):
            do throws(KernObjectError) {
                _ = try KernObject(bytes)
                self.init(passed: warnings)
            } catch .noProgram where isPart {
                self.init(passed: warnings)
            } catch .noProgram {
                // Nothing is amiss with the tools: this is what the source says.
                self.init(.tree, warnings, cause: "\(source.path): error: its object \(KernObjectError.noProgram)")
            } catch {
                self.init(.compiler, warnings, cause: "\(source.path): error: its object \(error)")
            }
        }
    }
}

extension BuildPlan {
    /// Whose types `vmlinux.h` has; `nil` where no source includes it.
    var typesOrigin: FilePath? {
        for header in generated { if case .types(let btf) = header.origin { return btf } }
        return nil
    }
}
