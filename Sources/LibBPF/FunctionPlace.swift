import CLibbpf
import Glibc
import LinuxHost
import SystemPackage

/// Where in the kernel's functions a program is to run, as its section says it.
public enum FunctionPlace: Sendable, Hashable {
    /// A function (`kprobe/NAME`, `kretprobe/NAME`).
    case function(String, atReturn: Bool)
    /// All functions whose names match a pattern (`kprobe.multi/PATTERN`, `kretprobe.multi/PATTERN`).
    case functions(String, atReturn: Bool)
    /// The function that a system call enters the kernel by (`ksyscall/NAME`, `kretsyscall/NAME`).
    case systemCall(String, atReturn: Bool)

    /// Reads a section's name; `nil` for one that names no such place, or a place inside a function.
    public init?(section: String) {
        let parts = section.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty, !parts[1].contains("+") else { return nil }
        let name = String(parts[1])
        switch parts[0] {
        case "kprobe", "kretprobe": self = .function(name, atReturn: parts[0] == "kretprobe")
        case "kprobe.multi", "kretprobe.multi": self = .functions(name, atReturn: parts[0] == "kretprobe.multi")
        case "ksyscall", "kretsyscall": self = .systemCall(name, atReturn: parts[0] == "kretsyscall")
        default: return nil
        }
    }
}

extension BPFProgram {
    /// The functions that the program's section names; `nil` for another section.
    public var functionPlace: FunctionPlace? { FunctionPlace(section: section) }

    /// Attaches to the entry of a function, or to its return, by a perf event of the program's own (Linux 4.17).
    ///
    /// - Parameters:
    ///   - name: The function's full name, as `KernelFunctions` gives it.
    ///   - atReturn: Whether the program is to run when the function returns.
    /// - Returns: The attachment.
    /// - Throws: ``AttachError`` with `ENODEV` on a kernel without `CONFIG_KPROBE_EVENTS`, `ENOENT` for a function that is not
    ///   there, `EINVAL` for one that must not be probed.
    public func attach(toFunction name: String, atReturn: Bool = false) throws(AttachError) -> BPFLink {
        guard let source = EventSource(named: "kprobe"), let bit = source.bit("retprobe") else {
            throw AttachError(
                SystemCallError("find the event source 'kprobe'", on: subject, errno: Errno(rawValue: ENODEV))
            )
        }
        let kind: PerfEvent.Kind =
            atReturn
            ? .kernelFunctionReturn(name, source: source.type, bit: bit)
            : .kernelFunction(name, source: source.type)
        // The program runs on every processor, whatever processor the event that carries it is for.
        let event: PerfEvent
        do { event = try PerfEvent(kind, of: .processor(try Processors.online().first ?? 0)) } catch {
            throw AttachError(error)
        }
        return try attach(to: event)
    }

    /// Attaches to the entries of several functions, or to their returns, by one link (Linux 5.18, `CONFIG_FPROBE`).
    ///
    /// - Parameters:
    ///   - names: The functions' full names.
    ///   - atReturn: Whether the program is to run when one of them returns.
    /// - Returns: The attachment.
    /// - Throws: ``AttachError`` with `EOPNOTSUPP` without `CONFIG_FPROBE`, `ESRCH` where one of the functions is not there or
    ///   cannot be traced.
    public func attach(toFunctions names: [String], atReturn: Bool = false) throws(AttachError) -> BPFLink {
        let strings = names.map { UnsafePointer(strdup($0)) }
        defer { for string in strings { free(UnsafeMutablePointer(mutating: string)) } }
        var options = bpf_kprobe_multi_opts()
        options.sz = MemoryLayout<bpf_kprobe_multi_opts>.size
        options.cnt = strings.count
        options.retprobe = atReturn
        let link = strings.withUnsafeBufferPointer { strings in
            // libbpf only reads them, but its struct does not say so.
            options.syms = UnsafeMutablePointer(mutating: strings.baseAddress)
            return bpf_program__attach_kprobe_multi_opts(raw, nil, &options)
        }
        return BPFLink(libbpf: try attached(link, "bpf_program__attach_kprobe_multi_opts"))
    }
}
