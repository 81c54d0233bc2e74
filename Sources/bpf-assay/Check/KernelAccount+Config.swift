import ConfigCheck
import FeatureRules
import RunModel

extension KernelAccount {
    /// What a config says of a kernel; nothing where there is none, or none that can be believed.
    ///
    /// - Parameters:
    ///   - subject: The config.
    ///   - version: The version to judge by in place of the config's.
    ///   - release: The kernel's release, where it is known beside the config.
    ///   - securityModule: Says whether a security module is active, where a running kernel is judged.
    init(
        of subject: IdentifiedConfig?,
        version: KernelVersion?,
        release: String? = nil,
        securityModule: @escaping (String) -> SecurityModule = { _ in SecurityModule(isActive: nil, evidence: "") }
    ) {
        let trusted = subject.flatMap { $0.isTrusted ? $0 : nil }
        let header = trusted?.config.header
        self.init(
            version: version ?? header?.version,
            hasBackports: (release ?? (version == nil ? header?.versionText : nil))?.contains(".el") ?? false,
            securityModule: securityModule,
            option: { Self.state(of: $0, in: trusted?.config) }
        )
    }

    private static func state(of option: String, in config: KernelConfig?) -> OptionState {
        guard let config else { return .unknown }
        switch config[option] {
        case .builtIn: return .builtIn
        case .module: return .module
        case nil, .no, .notSet: return .off
        case .string(let text), .number(let text): return .text(text)
        }
    }
}
