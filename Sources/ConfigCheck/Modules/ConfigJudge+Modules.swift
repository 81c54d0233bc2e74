import RunModel

extension ConfigJudge {
    /// What an option that is a module comes to on the running kernel.
    struct ModuleFinding {
        /// ``CheckVerdict/metModule`` where it is loaded or can be.
        let verdict: CheckVerdict
        /// What that rests on.
        let evidence: String
    }

    /// `nil` where no running kernel is judged, or where nobody knows which module the option builds.
    func moduleFinding(_ option: String) -> ModuleFinding? {
        guard let modules, let name = OptionFact.named(option)?.reading(for: kernel).module else { return nil }
        let folder = "/lib/modules/\(printable(subject?.modulePlace?.release ?? ""))"
        return switch modules.state(of: name) {
        case .loaded: ModuleFinding(verdict: .metModule, evidence: "its module \(name) is loaded")
        case .builtIn: ModuleFinding(verdict: .metModule, evidence: "\(folder)/modules.builtin lists \(name)")
        case .loadable(let file):
            ModuleFinding(
                verdict: .metModule,
                evidence: "its module \(name) is not loaded and can be: \(printable(file, limit: 120))"
            )
        case .notInstalled:
            ModuleFinding(
                verdict: .unmet,
                evidence: "its module \(name) is neither loaded nor installed in \(folder); "
                    + "install the package with this kernel's modules, or build it in"
            )
        case .forbidden:
            ModuleFinding(
                verdict: .unmet,
                evidence:
                    "its module \(name) is not loaded, and kernel.modules_disabled forbids loading until the next boot"
            )
        case .unknown:
            ModuleFinding(
                verdict: .unknown,
                evidence: "its module \(name) is not loaded, and \(folder)/modules.dep cannot be read here: "
                    + "nobody knows whether it is installed; in a container, check on the host"
            )
        }
    }

    /// The finding for an option whose module is not there, or of which nobody knows.
    func missing(
        _ module: ModuleFinding,
        _ requirement: ConfigProfile.Requirement,
        _ option: String,
        _ found: String,
        _ evidence: [String]
    ) -> ConfigFinding {
        let lines = module.verdict == .unmet ? [KernelConfig.Value.builtIn.line(for: option)] : []
        return ConfigFinding(
            requirement: requirement,
            found: found,
            result: CheckResult(
                feature: requirement.option,
                level: .config,
                weight: requirement.weight,
                verdict: module.verdict,
                blocks: requirement.purposes,
                evidence: evidence + [module.evidence],
                remedy: lines.first
            ),
            fixLines: lines,
            checkLine: [],
            reasons: [module.evidence]
        )
    }
}
