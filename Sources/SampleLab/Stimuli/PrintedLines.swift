public import LibBPF
import LinuxHost
import SystemPackage

extension PrintRecorder.Recording {
    /// The lines, if none can be missing.
    ///
    /// - Throws: `SystemCallError` with `ENOBUFS` where the buffer filled up with what programs of the whole machine printed.
    public func whole() throws -> [PrintRecorder.Line] {
        guard !isTorn else {
            throw SystemCallError("record the lines", on: "all programs that print", errno: .noBufferSpace)
        }
        return lines
    }
}
