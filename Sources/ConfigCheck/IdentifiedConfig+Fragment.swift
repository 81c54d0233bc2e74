import FoundationEssentials
public import RunModel
public import SystemPackage

extension IdentifiedConfig {
    /// The two commands that make a complete config, `full/.config`, of a fragment: what is missing only the tree's Kconfig knows.
    ///
    /// They leave a `.config` in the tree as it is.
    ///
    /// - Parameter tree: The kernel tree's folder, `nil` where none is named.
    /// - Returns: Lines for a shell.
    public func completion(in tree: String?) -> [String] {
        let folder = Self.quoted(tree ?? "linux")
        return [
            "mkdir -p full && \(folder)/scripts/kconfig/merge_config.sh -m -O full \(Self.quoted(source))",
            "make -C \(folder) KCONFIG_CONFIG=\"$PWD/full/.config\" olddefconfig",
        ]
    }

    /// A word as a shell takes it for one.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "-")...UInt8(ascii: "9") ~= byte
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "+")
        }
        return isPlain && !word.isEmpty
            ? word
            : "'"
                + printable(word, limit: 400).split(separator: "'", omittingEmptySubsequences: false).joined(
                    separator: "'\\''"
                ) + "'"
    }
}

extension KernelConfigSource {
    /// The version of a kernel tree by its top `Makefile`; `nil` where that does not say it.
    ///
    /// Blocks on the file.
    public static func version(ofTree folder: FilePath) -> KernelVersion? {
        guard let bytes = try? ConfigFile.bytes(at: folder.appending("Makefile")) else { return nil }
        var numbers: [Substring: Int] = [:]
        for line in String(decoding: bytes.prefix(1 << 12), as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            guard words.count == 3, words[1] == "=", let number = Int(words[2]) else { continue }
            if numbers[words[0]] == nil { numbers[words[0]] = number }
        }
        guard let major = numbers["VERSION"], let minor = numbers["PATCHLEVEL"] else { return nil }
        return KernelVersion(major, minor, numbers["SUBLEVEL"] ?? 0)
    }
}
