public import ConfigCheck
public import FeatureRules
public import RunModel

extension KernelAccount {
    /// What a config says of a kernel; nothing where there is none, or none that can be believed.
    ///
    /// - Parameters:
    ///   - subject: The config.
    ///   - version: The version to judge by in place of the config's.
    ///   - release: The kernel's release, where it is known beside the config.
    ///   - securityModule: Says whether a security module is active, where a running kernel is judged.
    public init(
        of subject: IdentifiedConfig?,
        version: KernelVersion?,
        release: String? = nil,
        securityModule: @escaping (String) -> SecurityModule = { _ in SecurityModule(isActive: nil, evidence: "") }
    ) {
        let header = subject.flatMap { $0.isTrusted ? $0.config.header : nil }
        // A version that somebody names in place of the config's is a plain one.
        let isHeaders = version == nil || version == header?.version
        self.init(
            version: version ?? header?.version,
            hasBackports: release.map { RunningKernel(release: $0, version: "").hasBackports }
                ?? (isHeaders && header?.hasBackports == true),
            introduced: OptionDates.introduction,
            securityModule: securityModule,
            option: { Self.state(of: $0, in: subject) }
        )
    }

    private static func state(of option: String, in subject: IdentifiedConfig?) -> OptionState {
        switch subject?.answer(option) ?? .unknown {
        case .set(.builtIn): .builtIn
        case .set(.module): .module
        case .absent, .set(.no), .set(.notSet): .off
        case .set(.string(let text)), .set(.number(let text)): .text(text)
        case .unknown: .unknown
        }
    }
}
