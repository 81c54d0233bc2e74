import CLinux

/// An instruction of a program, as uprobes name it: a file, and where in it.
public struct CodePosition: Sendable, Hashable {
    /// The file that holds the instruction.
    public let file: String
    /// Bytes from the file's beginning.
    public let offset: UInt64

    /// Names an instruction.
    public init(file: String, offset: UInt64) {
        self.file = file
        self.offset = offset
    }

    /// A function of this process that does nothing and that nobody calls, for probes to be attached to.
    ///
    /// `nil` where `/proc` is not mounted, or the file that it came from has been removed.
    public static func ownProbeTarget() -> CodePosition? {
        let maps = (try? SmallFile.text("/proc/self/maps")) ?? ""
        return find(UInt64(lx_probe_target_address()), inMaps: maps)
    }

    /// Finds an address in the lines of proc_pid_maps(5).
    static func find(_ address: UInt64, inMaps text: String) -> CodePosition? {
        for line in text.split(separator: "\n") {
            // 5581f7a00000-5581f7b00000 r-xp 00012000 fe:00 393280     /usr/bin/program
            let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard fields.count == 6 else { continue }
            let ends = fields[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            guard ends.count == 2, ends[0] <= address, address < ends[1], let start = UInt64(fields[2], radix: 16)
            else { continue }
            let file = String(fields[5].drop { $0 == " " })
            guard file.hasPrefix("/"), !file.hasSuffix(" (deleted)") else { return nil }
            return CodePosition(file: file, offset: address - ends[0] + start)
        }
        return nil
    }
}
