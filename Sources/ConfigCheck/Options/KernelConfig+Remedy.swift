public import RunModel

extension KernelConfig {
    /// The lines of a config that switch an option on, what it depends on first.
    ///
    /// - Parameters:
    ///   - option: The option, with its `CONFIG_` prefix.
    ///   - version: The kernel's version, `nil` for the one in the config's header.
    /// - Returns: Lines for `scripts/kconfig/merge_config.sh`; empty if none brings the option.
    public func lines(bringing option: String, version: KernelVersion? = nil) -> [String] {
        OptionExplanation(of: option, wanted: .builtIn, in: self, kernel: version ?? header?.version).lines
    }
}
