import Subprocess
import SystemPackage

/// A clang that can compile for BPF.
public struct Compiler: Sendable, Hashable {
    /// Its path, absolute.
    public let path: String
    /// The first line of what it says about its version.
    public let version: String

    /// Names a compiler without a look at it: for plans in tests, and for a record read back.
    public init(path: String, version: String) {
        self.path = path
        self.version = version
    }

    /// What this compiler needs besides the options that all get.
    ///
    /// Apple's clang and the one of Swift's toolchains move cold blocks into functions of their own (`xdp_prog.cold.1`),
    /// static ones, in sections where libbpf accepts only programs ("static and not supported").
    var options: [String] {
        let line = version.lowercased()
        return line.contains("swift") || line.contains("apple") ? ["-Xclang", "-fno-split-cold-code"] : []
    }

    /// Finds clang and asks it what it is.
    ///
    /// The compiler that is named counts, else that of `$CLANG`, else `clang` in `PATH`; what counts is not followed by
    /// another try. A name without a slash is looked up in `PATH`.
    ///
    /// - Throws: ``CompilerError``, or `CancellationError`. How old a compiler is, is no error.
    public static func find(
        named name: String? = nil,
        environment: [String: String] = Host.environment
    ) async throws -> Compiler {
        let fallback = environment["CLANG"].flatMap { $0.isEmpty ? nil : $0 } ?? "clang"
        let wanted = name ?? fallback
        guard let path = locate(wanted, searchPath: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin") else {
            throw CompilerError.notFound(wanted)
        }
        let version = try await ask(path, "--version")
        guard version.contains("clang version") else { throw CompilerError.notClang(path.string) }
        let targets = try await ask(path, "-print-targets")
        guard targets.split(separator: "\n").contains(where: { $0.split(separator: " ").first == "bpf" }) else {
            throw CompilerError.noBPFTarget(path.string)
        }
        return Compiler(path: path.string, version: version.split(separator: "\n").first.map(String.init) ?? "")
    }

    /// The file that a name stands for.
    private static func locate(_ name: String, searchPath: String) -> FilePath? {
        let candidates =
            name.contains("/")
            ? [Files.absolute(name)]
            : searchPath.split(separator: ":").map { Files.absolute(String($0)).appending(name) }
        return name.isEmpty ? nil : candidates.first(where: Files.isExecutable)
    }

    /// What a compiler prints in answer to one option.
    private static func ask(_ path: FilePath, _ option: String) async throws -> String {
        let answer: ToolRun
        do {
            answer = try await ToolRun(path, arguments: [option], workingFolder: nil, timeout: .seconds(10))
        } catch let error as SubprocessError {
            throw CompilerError.cannotRun(path.string, error.underlyingError?.lowercased ?? "\(error)")
        }
        switch answer.ending {
        case .exited(0): return String(decoding: answer.output, as: UTF8.self)
        case .exited(let code): throw CompilerError.cannotRun(path.string, "'\(option)' ended with exit code \(code)")
        case .signaled(let signal): throw CompilerError.cannotRun(path.string, "'\(option)' died of signal \(signal)")
        case .timedOut: throw CompilerError.cannotRun(path.string, "'\(option)' was not answered within 10 s")
        }
    }
}

/// Why there is no compiler.
public enum CompilerError: Error, Sendable, Hashable {
    /// There is no executable file of that name.
    case notFound(String)
    /// The file is some other program.
    case notClang(String)
    /// It was built without the BPF back end.
    case noBPFTarget(String)
    /// It did not start or did not answer; the second value says how.
    case cannotRun(String, String)
}

extension CompilerError: CustomStringConvertible {
    /// One line: what was attempted on what, why it failed, and what helps.
    public var description: String {
        let remedy = "install Debian's package clang, or name one with --clang or $CLANG"
        return switch self {
        case .notFound(let name): "cannot find clang as '\(name)': no such executable file; \(remedy)"
        case .notClang(let path): "cannot compile with '\(path)': it does not say that it is clang; \(remedy)"
        case .noBPFTarget(let path): "cannot compile with '\(path)': it was built without the bpf target; \(remedy)"
        case .cannotRun(let path, let cause): "cannot run '\(path)': \(cause); \(remedy)"
        }
    }
}
