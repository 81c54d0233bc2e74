import CLinux
import Glibc
import GuestWire
import LinuxHost
import SystemPackage

/// Loads the modules that the host has put into the initramfs, in the order that it has found.
///
/// There is no modprobe in a guest, and no decompressor: the host sends plain ELF files. As modprobe(8) does, it takes a module's
/// parameters from the kernel's command line: `null_blk.nr_devices=2`.
enum GuestModules {
    /// Loads all of them.
    ///
    /// - Returns: What could not be loaded and why. A module that is loaded already, or that this kernel has built in, is no
    ///   failure.
    static func loadAll() -> [String] {
        guard let list = try? SmallFile.text(GuestLayout.moduleList) else { return [] }
        var failures: [String] = []
        let commandLine = (try? SmallFile.text("/proc/cmdline")) ?? ""
        for name in list.split(separator: "\n") {
            let path = "\(GuestLayout.modules)/\(name)"
            let parameters = parameters(ofModule: name, in: commandLine)
            do throws(SystemCallError) {
                let bytes = try SmallFile.read(path, limit: 256 << 20)
                let result = bytes.withUnsafeBytes { lx_init_module($0.baseAddress, UInt($0.count), parameters) }
                if result == -EEXIST { continue }
                try SystemCallError.checkNegated(result, "init_module(2)", on: "'\(name)'")
            } catch {
                failures.append("\(error)")
            }
        }
        return failures
    }

    /// What a command line says to a module, as init_module(2) takes it.
    ///
    /// - Parameters:
    ///   - file: The module's file name; `-` and `_` are the same in it.
    ///   - commandLine: The kernel's command line. Quotes keep blanks in a value, and stay where they are.
    /// - Returns: Words `parameter=value` with blanks between; empty for a module that it does not speak of.
    static func parameters(ofModule file: Substring, in commandLine: String) -> String {
        let module = file.prefix { $0 != "." }.map { $0 == "-" ? "_" : $0 }
        var words: [[Character]] = [[]]
        var isQuoted = false
        for character in commandLine {
            if character == "\"" { isQuoted.toggle() }
            if !isQuoted, character.isWhitespace {
                words.append([])
            } else {
                words[words.count - 1].append(character)
            }
        }
        return words.compactMap { word -> String? in
            guard let dot = word.firstIndex(of: "."), word[..<dot].map({ $0 == "-" ? "_" : $0 }) == module else {
                return nil
            }
            return String(word[(dot + 1)...])
        }.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
