public import LinuxHost

/// A kern object that libbpf or the kernel refused.
public struct ObjectError: Error, Sendable {
    /// What was being done with the object.
    public let phase: Phase
    /// The call that failed and what it said.
    public let cause: SystemCallError
    /// What libbpf said meanwhile, one per line.
    ///
    /// The verifier's log is part of it.
    public let log: [String]

    /// The steps in which an object can be refused.
    public enum Phase: Sendable, Hashable {
        /// libbpf reads the ELF file.
        case open
        /// The kernel creates maps and verifies programs.
        case load
    }

    /// A function of the C library that the object calls because its compiler did not write out what it does; `nil` where that
    /// is not why it was refused.
    public var missingLibraryFunction: String? {
        let functions = ["bcmp", "memcmp", "memcpy", "memmove", "memset", "strlen"]
        return functions.first { name in log.contains { $0.contains("failed to find BTF for extern '\(name)'") } }
    }

    /// What libbpf advises after each `EPERM` to root whose limit of locked memory is bounded, whatever the cause is.
    private static let guess = "try raising 'ulimit -l'"

    /// Whether the limit of locked memory is bounded, as far as libbpf said so.
    public var hasMemoryLimit: Bool { log.contains { $0.contains(Self.guess) } }

    /// The last lines that say why: the verifier's complaint stands at the end of its log, before the statistics.
    ///
    /// - Parameter count: The most lines to return.
    /// - Returns: Lines without libbpf's frame around the verifier's log and without its guess at a limit, each cut at 400
    ///   characters.
    public func lastUsefulLines(_ count: Int = 12) -> [String] {
        let noise = [
            "-- END PROG LOAD LOG --", "-- BEGIN PROG LOAD LOG --", "processed ", "libbpf: failed to load object",
            // Sections that libbpf has no use for (`.eh_frame`), which keep nothing from being loaded.
            "libbpf: elf: skipping ",
            // libbpf raises the limit by itself where a kernel counts memory by it.
            Self.guess,
        ]
        let useful = log.filter { line in !noise.contains { line.contains($0) } }
        return useful.suffix(count).map { String($0.prefix(400)) }
    }
}

extension ObjectError: CustomStringConvertible {
    /// The call, the object and the cause, then the last line that libbpf said about it.
    public var description: String {
        guard let last = lastUsefulLines(1).first else { return cause.description }
        return "\(cause): \(last)"
    }
}
