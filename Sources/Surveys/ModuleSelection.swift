public import ConfigCheck
public import GuestRun

extension ModuleFolder {
    /// The names of the modules that options stand for, as far as the folder has them, each once, in the order of the options.
    ///
    /// - Parameters:
    ///   - options: The options that something needs.
    ///   - config: The kernel's config, by which only options that are modules count; `nil` where it is not known, and then all of
    ///     them do.
    /// - Returns: The names, without what the modules depend on.
    public func names(for options: some Sequence<String>, in config: KernelConfig?) -> [String] {
        var wanted: [String] = []
        for option in options {
            if let config, config[option] != .module { continue }
            wanted += (OptionModules.modules(of: option) ?? []).filter { has($0) && !wanted.contains($0) }
        }
        return wanted
    }

    /// The modules that options stand for, with all that they depend on, in the order to load them in.
    ///
    /// - Throws: `ModuleFolder.Failure`, as of a module that cannot be read.
    public func load(
        for options: some Sequence<String>,
        in config: KernelConfig?
    ) throws(Failure) -> [(name: String, bytes: [UInt8])] {
        try load(names(for: options, in: config))
    }
}
