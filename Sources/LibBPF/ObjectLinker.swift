import CLibbpf
import LinuxHost
import SystemPackage

/// libbpf's static linker, which makes one BPF object of several.
public enum ObjectLinker {
    /// Links objects into one.
    ///
    /// Externs of one that another defines are resolved, maps and programs are joined, and types are deduplicated. The
    /// output is written where it is to be; whoever wants it whole or not at all links into a temporary name.
    ///
    /// - Parameters:
    ///   - objects: The objects' paths; their order is that of the output's programs.
    ///   - output: The object to write.
    /// - Throws: ``ObjectError`` with what libbpf said, if an object cannot be read or does not fit the others.
    public static func link(_ objects: [String], into output: String) throws(ObjectError) {
        _ = LibbpfLog.capture
        _ = LibbpfLog.take()
        do throws(SystemCallError) {
            let linker = try require(bpf_linker__new(output, nil), "bpf_linker__new", on: "'\(output)'")
            defer { bpf_linker__free(linker) }
            for object in objects {
                try check(bpf_linker__add_file(linker, object, nil), "bpf_linker__add_file", on: "'\(object)'")
            }
            try check(bpf_linker__finalize(linker), "bpf_linker__finalize", on: "'\(output)'")
        } catch {
            throw ObjectError(phase: .open, cause: error, log: LibbpfLog.take())
        }
    }
}
