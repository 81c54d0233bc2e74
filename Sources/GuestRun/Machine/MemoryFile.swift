import CLinux
import FileBytes
import Glibc
import LinuxHost
import SystemPackage

/// A file that only exists in memory, as long as somebody holds it (memfd_create(2)).
enum MemoryFile {
    /// Makes a file of several parts.
    ///
    /// - Throws: `SystemCallError` with `ENOMEM` or `ENOSPC` where memory has run out.
    static func make(_ name: String, _ parts: [[UInt8]]) throws(SystemCallError) -> OwnedDescriptor {
        let number = try SystemCallError.checkNegated(lx_memory_file(name), "memfd_create(2)", on: name)
        let file = OwnedDescriptor(owning: number)
        for part in parts {
            if let cause = WriteLoop.write(part, to: number) {
                throw SystemCallError("write(2)", on: "the file in memory '\(name)'", errno: cause)
            }
        }
        return file
    }
}
