import RunModel
import SampleKit
import WorkerWire

/// What the verdicts on one sample depend on besides what was seen.
struct VerdictRules: Sendable {
    /// The sample.
    var entry: CatalogEntry
    /// What is known of the machine.
    ///
    /// A refusal counts against the kernel only where every option that the sample needs is known to be on; where that is not
    /// known the refusal says nothing.
    var host: HostFacts
    /// Kernel warnings to ignore.
    var allowedSplats = SplatAllowList()
    /// Whether a machine whose kernel does not start fails its samples.
    var failsForNoBoot = false

    /// The verdict on a sample that is not run; `nil` where it is to be run.
    func ruling(without action: RunPlan.Action, _ object: KernObjectSource) -> Ruling? {
        if case .skip(let reason, let need, let message) = action {
            return Ruling(verdict: .skip, reason: reason, need: need, message: message)
        }
        switch object {
        case .paths:
            return nil
        case .absent(let message):
            return Ruling(verdict: .error, reason: .buildFailed, message: message)
        case .lacking(let file, let message):
            return Ruling(verdict: .skip, reason: .featureMissing, need: .source(file), message: message)
        case .refused(let build):
            return Ruling(
                verdict: build.verdict,
                reason: .buildFailed,
                message: build.diagnostics.first ?? "'\(build.object)' could not be built",
                details: Array(build.diagnostics.dropFirst())
            )
        }
    }

    /// What something that happened while no worker ran says about the sample that ran before it.
    func ruling(of doubt: MachineDoubt?, _ words: String) -> Ruling? {
        guard let doubt else { return nil }
        let splat = Ruling(splats: unexpected(doubt.splats), "\(words) the kernel logged:")
        guard let loss = doubt.loss.map({ ruling(of: $0).prefixed(words) }) else { return splat }
        return splat.map { $0.isWorse(than: loss.verdict) } == true ? splat : loss
    }

    func ruling(of loss: MachineLoss) -> Ruling { Ruling(loss, failsForNoBoot: failsForNoBoot) }

    /// The kernel warnings that are not ignored.
    func unexpected(_ splats: [String]) -> [String] { splats.filter { !allowedSplats.allows($0) } }
}
