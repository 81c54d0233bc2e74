public import RunModel
import Subprocess
import SystemPackage

/// A clang that can compile for BPF.
public struct Compiler: Sendable, Hashable {
    /// Its path, absolute.
    public let path: String
    /// The first line of what it says about its version.
    public let version: String
    /// The folder that its own headers are in; `nil` of one that was never asked.
    let resources: String?

    /// Names a compiler without a look at it: for plans in tests, and for a record read back.
    public init(path: String, version: String) {
        self.init(path: path, version: version, resources: nil)
    }

    init(path: String, version: String, resources: String?) {
        self.path = path
        self.version = version
        self.resources = resources
    }

    /// The first two numbers of its version, such as 14.0; `nil` where its words hold none.
    public var release: KernelVersion? {
        version.firstRange(of: "clang version ").flatMap { KernelVersion(version[$0.upperBound...]) }
    }

    /// Its version as the kernel's Kconfig counts it, such as 140006.
    var code: Int {
        let numbers = version.firstRange(of: "clang version ").map { range in
            version[range.upperBound...].prefix { $0.isNumber || $0 == "." }.split(separator: ".").map { Int($0) ?? 0 }
        }
        let known = (numbers ?? []) + [0, 0, 0]
        return known[0] * 10_000 + min(known[1], 99) * 100 + min(known[2], 99)
    }

    /// The oldest clang whose BPF back end has all that a source asks for.
    ///
    /// LLVM 10 brought `preserve_access_index`, by which our headers and `vmlinux.h` make a member's offset the loader's
    /// business; LLVM 11 brought the builtins for types and enumerators that `bpf_core_read.h` uses.
    static func oldest(for types: KernSource.Types) -> Int { types == .btf ? 11 : 10 }

    /// What tells this compiler from any other that might write other bytes.
    ///
    /// `nil` where its file cannot be found.
    var identity: String? {
        FileStamp(Files.resolved(FilePath(path))).map { "\(path)\n\(version)\n\($0.size) \($0.modified)" }
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
    /// - Parameters:
    ///   - name: The compiler that is wanted.
    ///   - environment: The process's environment.
    ///   - output: An output folder whose builds remember what the same file has answered before: a build that has nothing
    ///     to do then runs nothing.
    /// - Returns: The compiler, with what it says about itself.
    /// - Throws: ``CompilerError``, or `CancellationError`. How old a compiler is, is no error.
    public static func find(
        named name: String? = nil,
        environment: [String: String] = Host.environment,
        rememberedIn output: String? = nil
    ) async throws -> Compiler {
        let fallback = environment["CLANG"].flatMap { $0.isEmpty ? nil : $0 } ?? "clang"
        let wanted = name ?? fallback
        guard let path = locate(wanted, searchPath: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin") else {
            throw CompilerError.notFound(wanted)
        }
        if let output, let known = remembered(path, in: Files.absolute(output).appending(".bpf-assay")) { return known }
        let version = try await ask(path, "--version")
        guard version.contains("clang version") else { throw CompilerError.notClang(path.string) }
        let targets = try await ask(path, "-print-targets")
        guard targets.split(separator: "\n").contains(where: { $0.split(separator: " ").first == "bpf" }) else {
            throw CompilerError.noBPFTarget(path.string)
        }
        let resources = try await ask(path, "-print-resource-dir")
        return Compiler(
            path: path.string,
            version: version.split(separator: "\n").first.map(String.init) ?? "",
            resources: resources.split(separator: "\n").first.map(String.init)
        )
    }

    /// What a file answered when it had the stamp that it has now.
    private static func remembered(_ path: FilePath, in work: FilePath) -> Compiler? {
        guard let stamp = FileStamp(path),
            case .success(let bytes) = Files.read(work.appending("compiler"), limit: 1 << 16),
            let fields = SealedFields.open(bytes), fields.count == 4, fields[0] == path.string, fields[1] == stamp.text
        else { return nil }
        return Compiler(path: fields[0], version: fields[2], resources: fields[3])
    }

    /// Writes down what this compiler has answered; a failure costs the next build time and nothing else.
    func remember(in work: FilePath) {
        guard let resources, let stamp = FileStamp(FilePath(path)) else { return }
        _ = Files.write(SealedFields.seal([path, stamp.text, version, resources]), to: work.appending("compiler"))
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
            answer = try await ToolRun(path, arguments: [option], workingFolder: nil, limits: .init(time: .seconds(30)))
        } catch let error as SubprocessError {
            throw CompilerError(running: path.string, error)
        }
        switch answer.ending {
        case .exited(0): return Files.text(answer.output)
        case .exited(let code): throw CompilerError.cannotRun(path.string, "'\(option)' ended with exit code \(code)")
        case .signaled(let signal): throw CompilerError.cannotRun(path.string, "'\(option)' died of signal \(signal)")
        case .timedOut: throw CompilerError.cannotRun(path.string, "'\(option)' was not answered within 30 s")
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
    /// It did not start for lack of descriptors, processes or memory, which another compiler would lack as well.
    case noResources(String, String)

    /// Why a compiler did not start.
    init(running path: String, _ error: SubprocessError) {
        let scarce: [Errno] = [
            .tooManyOpenFiles, .tooManyOpenFilesInSystem, .resourceTemporarilyUnavailable, .noMemory,
        ]
        let cause = error.underlyingError?.lowercased ?? "\(error)"
        if let errno = error.underlyingError, scarce.contains(errno) {
            self = .noResources(path, cause)
        } else {
            self = .cannotRun(path, cause)
        }
    }
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
        case .noResources(let path, let cause):
            "cannot run '\(path)': \(cause); lower --jobs, or raise the limits of open files and processes with 'ulimit'"
        }
    }
}
