import FeatureRules
import RunModel

extension KernelAccount {
    /// Judges one need, with the reason.
    func judge(_ demand: ObjectNeed.Demand) -> (verdict: CheckVerdict, reason: String) {
        switch demand {
        case .option(let demand): judge(demand)
        case .kernel(let needed): judge(needed)
        case .attach(_, let options):
            options.isEmpty ? (.met, "no option guards it besides those of the program type") : judge(all: options)
        case .impossible(let reason): (.unmet, "needs \(reason)")
        case .fact(let isThere, let reason): (isThere ? .met : .unmet, reason)
        case .unknown(let reason): (.unknown, reason)
        case .setting(let setting): setting.judged(state(of: setting.option))
        }
    }
}
