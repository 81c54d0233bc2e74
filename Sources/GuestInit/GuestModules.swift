import CLinux
import GuestWire
import LinuxHost
import SystemPackage

/// Loads the modules that the host has put into the initramfs, in the order that it has found.
///
/// There is no modprobe in a guest, and no decompressor: the host sends plain ELF files.
enum GuestModules {
    /// Loads all of them.
    ///
    /// - Returns: What could not be loaded and why. A module that is loaded already, or that this kernel has built in, is no
    ///   failure.
    static func loadAll() -> [String] {
        guard let list = try? SmallFile.text(GuestLayout.moduleList) else { return [] }
        var failures: [String] = []
        for name in list.split(separator: "\n") {
            let path = "\(GuestLayout.modules)/\(name)"
            do throws(SystemCallError) {
                let bytes = try SmallFile.read(path, limit: 256 << 20)
                let result = bytes.withUnsafeBytes { lx_init_module($0.baseAddress, UInt($0.count), "") }
                if result == -17 /* EEXIST */ { continue }
                try SystemCallError.checkNegated(result, "init_module(2)", on: "'\(name)'")
            } catch {
                failures.append("\(error)")
            }
        }
        return failures
    }
}
