public import RunModel

/// When options came, as `kconfig/options.tsv` says.
public enum OptionDates {
    /// The first release of kernel.org that has an option, by its name with the `CONFIG_` prefix.
    ///
    /// `nil` where nobody has looked it up.
    public static func introduction(of option: String) -> KernelVersion? { OptionFact.named(option)?.since }
}
