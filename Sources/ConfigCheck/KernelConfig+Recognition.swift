extension KernelConfig {
    /// Whether a file looks like a kernel config, and not like JSON or anything else: some line of its beginning is about an option.
    ///
    /// - Parameter bytes: The file, not compressed.
    /// - Returns: Whether it is worth reading as a config.
    public static func isLike(_ bytes: [UInt8]) -> Bool {
        let beginnings = ["CONFIG_", "# CONFIG_"].map { Array($0.utf8) }
        return bytes.prefix(64 << 10).split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }).contains { line in
            beginnings.contains { line.starts(with: $0) }
        }
    }
}
