import RunModel

extension KernelConfig {
    /// Whether this config is the one a kernel was built with, and what says so.
    ///
    /// The header's version is compared with the kernel's (`RunningKernel.isNamed(by:)`), then `CONFIG_LOCALVERSION` with the
    /// release, then what the version's words say of the build, then the compiler, which tells two builds of one version
    /// apart. Two flavours that a distribution builds of one version may be alike in all of these. `CONFIG_BUILD_SALT`
    /// is not compared: whoever starts from a distribution's config inherits its salt.
    ///
    /// - Parameters:
    ///   - kernel: The kernel's names.
    ///   - subject: What to call it in words.
    ///   - place: Where its banner is, in words.
    /// - Returns: The identity, and what it rests on.
    func identity(
        against kernel: RunningKernel,
        of subject: String = "the running kernel",
        banner place: String = "/proc/version"
    ) -> (ConfigIdentity, String) {
        guard let header else { return (.unknown, "it has no header that names a kernel version") }
        let said = "its header says \(printable(header.versionText))"
        switch kernel.isNamed(by: header) {
        case true?: break
        case false?: return (.suspect, "\(said), \(subject) is \(printable(kernel.sourceVersion))")
        case nil:
            return (
                .unknown,
                "\(said), and \(subject), \(printable(kernel.release)), does not say which version it was built from"
            )
        }
        if case .string(let suffix) = self["CONFIG_LOCALVERSION"], !suffix.isEmpty, !kernel.release.contains(suffix) {
            return (
                .suspect,
                "its CONFIG_LOCALVERSION is '\(printable(suffix))', the release of \(subject) is "
                    + printable(kernel.release)
            )
        }
        if let words = contradictedWords(of: kernel.version) {
            return (.suspect, "it says that \(words), against the version of \(subject), \(printable(kernel.version))")
        }
        // Since 5.8 the banner repeats CONFIG_CC_VERSION_TEXT; before, scripts/mkcompile_h asked the compiler itself.
        if case .string(let compiler) = self["CONFIG_CC_VERSION_TEXT"], let banner = kernel.banner, !compiler.isEmpty,
            let version = header.version, version >= KernelVersion(5, 8),
            !banner.contains(compiler[...(compiler.lastIndex { $0 != " " } ?? compiler.startIndex)])
        {
            return (.suspect, "its compiler '\(printable(compiler))' is not the one in \(place)")
        }
        return (.verified, "its header says \(printable(header.versionText)), as \(subject) does")
    }

    /// What a version such as `#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2` says otherwise of the build.
    ///
    /// Only what the config says in so many words can be contradicted. A kernel prints PREEMPT_DYNAMIC whatever the
    /// default model is, and only newer ones print it at all.
    private func contradictedWords(of version: String) -> String? {
        guard version.hasPrefix("#") else { return nil }
        let words = version.split(separator: " ")
        if self["CONFIG_SMP"] == .builtIn, !words.contains("SMP") { return "CONFIG_SMP is y" }
        for (option, word) in [
            ("CONFIG_SMP", "SMP"), ("CONFIG_PREEMPT_DYNAMIC", "PREEMPT_DYNAMIC"), ("CONFIG_PREEMPT_RT", "PREEMPT_RT"),
        ] where self[option] == .notSet && words.contains(Substring(word)) {
            return "\(option) is not set"
        }
        return nil
    }
}
