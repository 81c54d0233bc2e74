import CLinux

/// Finding bytes in bytes.
enum ByteSearch {
    /// Where a pattern stands first, at an offset or behind it; `nil` for nowhere.
    static func position(of pattern: [UInt8], in bytes: [UInt8], from offset: Int) -> Int? {
        bytes.withUnsafeBytes { area in
            guard offset >= 0, offset < area.count, let base = area.baseAddress else { return nil }
            let hit = lx_find(base + offset, area.count - offset, pattern, pattern.count)
            return hit < 0 ? nil : offset + hit
        }
    }
}
