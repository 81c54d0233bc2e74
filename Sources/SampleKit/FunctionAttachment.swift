public import LibBPF
import LinuxHost
import SystemPackage

/// A program that is attached to functions of the kernel.
///
/// It is detached when this value ends, or its process does.
public struct FunctionProbe: ~Copyable {
    /// The functions' names as this kernel has them, such as `__netif_receive_skb_core.constprop.0`.
    public let functions: [String]
    private let link: BPFLink

    fileprivate init(_ functions: [String], _ link: consuming BPFLink) {
        self.functions = functions
        self.link = link
    }

    /// Detaches the program now.
    ///
    /// Programs that run at this moment on other processors still finish. Detach here: the attachment must
    /// last until this point. A value that is no longer used may end earlier.
    public consuming func detach() {}
}

extension Arena {
    /// Attaches a program to the kernel's functions that its section names.
    ///
    /// The names are looked up in `/proc/kallsyms` first (`KernelFunctions`), so that what the compiler called
    /// `NAME.constprop.0` is found, and what cannot be found is refused with the names that there are. Sections are
    /// `kprobe/NAME`, `kretprobe/NAME`, `ksyscall/NAME`, `kretsyscall/NAME` and, for any number of functions,
    /// `kprobe.multi/PATTERN` and `kretprobe.multi/PATTERN`.
    ///
    /// Needs `CONFIG_KPROBE_EVENTS`, Linux 4.17. A pattern needs `CONFIG_FPROBE` (Linux 5.18), which no manifest asks for: of some
    /// trees only a sample's object has one.
    ///
    /// - Parameters:
    ///   - function: The program's function in the object's source.
    ///   - object: The object.
    ///   - otherNames: What kernels before or after called the very same function, with the same arguments; they are tried
    ///     in this order where the section's own name is missing. Not for a function that merely does something similar.
    /// - Returns: The attachment, which knows the functions' names.
    /// - Throws: ``RefusedAttachment`` where the kernel refuses a pattern. Else `AttachError`: with `KernelFunctionError` where the function is missing or not the only one of
    ///   its name, else with the kernel's refusal.
    public func attachProbe(
        _ function: String,
        of object: borrowing LoadedObject,
        otherNames: [String] = []
    ) throws -> FunctionProbe {
        let program = try object.program(function)
        guard let place = program.functionPlace else {
            let call = "read a function of the kernel from section '\(program.section)'"
            throw AttachError(SystemCallError(call, on: "'\(function)' in \(object.name)", errno: .invalidArgument))
        }
        let known = try KernelFunctions()
        let found: [String]
        do {
            found = try known.functions(at: place, otherNames)
        } catch {
            throw AttachError(error, for: "'\(function)' (SEC \"\(program.section)\") in \(object.name)")
        }
        return switch place {
        case .function(_, let atReturn), .systemCall(_, let atReturn):
            FunctionProbe(found, try program.attach(toFunction: found[0], atReturn: atReturn))
        case .functions(_, let atReturn):
            FunctionProbe(
                found,
                try RefusedAttachment.wrapping("CONFIG_FPROBE") { () throws(AttachError) in
                    try program.attach(toFunctions: found, atReturn: atReturn)
                }
            )
        }
    }
}

extension KernelFunctions {
    /// The functions at a place, at least one.
    fileprivate func functions(at place: FunctionPlace, _ others: [String]) throws(KernelFunctionError) -> [String] {
        switch place {
        case .function(let name, _): return [try resolve(name, otherwise: others)]
        case .systemCall(let name, _): return [try resolve(systemCall: name)]
        case .functions(let pattern, _):
            let found = matching(pattern)
            if found.isEmpty { throw KernelFunctionError(pattern, .missing, candidates: []) }
            return found
        }
    }

    /// The first of several names of one function that this kernel has.
    ///
    /// - Throws: ``KernelFunctionError`` about the first name where all are missing.
    private func resolve(_ name: String, otherwise others: [String]) throws(KernelFunctionError) -> String {
        do { return try resolve(name) } catch {
            guard error.problem == .missing else { throw error }
            for other in others {
                do { return try resolve(other) } catch let next where next.problem == .missing { continue }
            }
            throw error
        }
    }
}
