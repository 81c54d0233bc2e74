import RunModel
import WorkerWire

/// A verdict with all that explains it.
struct Ruling: Sendable, Hashable {
    var verdict: Verdict
    var reason: Reason?
    /// What was missing, where that is why the sample was skipped.
    var need: Need?
    var message = ""
    var details: [String] = []

    /// The same with words in front of its message.
    func prefixed(_ words: String) -> Ruling {
        var ruling = self
        ruling.message = "\(words) \(message)"
        return ruling
    }

    /// Whether it outranks another verdict.
    ///
    /// Where both rank the same, what was found first stands.
    func isWorse(than other: Verdict) -> Bool { verdict.rank > other.rank }
}

extension Verdict {
    /// The order in which verdicts outrank each other, as in kcidb's schema.
    var rank: Int {
        switch self {
        case .skip: 0
        case .pass: 1
        case .miss: 2
        case .error: 3
        case .fail: 4
        }
    }
}

extension Ruling {
    /// What the loss of a machine says about the sample that ran there.
    ///
    /// A panic and a hang are the kernel's fault. An end that nothing explains is a MISS. What the emulator, the stream or want of
    /// memory is to blame for is no fault of the kernel.
    ///
    /// - Parameters:
    ///   - loss: How the machine was lost.
    ///   - failsForNoBoot: Whether a kernel that does not start is at fault for that.
    init(_ loss: MachineLoss, failsForNoBoot: Bool) {
        let message = loss.message
        switch loss.kind {
        case .panic: self.init(verdict: .fail, reason: .crash, message: "the guest's kernel panicked: \(message)")
        case .hang: self.init(verdict: .fail, reason: .timeout, message: "the guest hung: \(message)")
        case .reset, .powerOff, .emulator:
            self.init(verdict: .miss, reason: .guestLost, message: "the guest was lost: \(message)")
        case .outOfMemory:
            self.init(verdict: .error, reason: .harness, message: "out of memory: \(message); raise --memory")
        case .stream:
            self.init(
                verdict: .error,
                reason: .harness,
                message: "what the guest sent cannot be believed: \(message)"
            )
        case .boot, .emulatorBoot:
            // QEMU that does not start is never the kernel's fault.
            self.init(
                verdict: failsForNoBoot && loss.kind == .boot ? .fail : .error,
                reason: .bootFailed,
                message: "the guest did not start: \(message)"
            )
        }
        details = loss.excerpt
    }

    /// What the kernel's complaints against itself say; `nil` where there are none.
    init?(splats: [String], _ words: String) {
        guard let splat = splats.first else { return nil }
        self.init(verdict: .fail, reason: .splat, message: "\(words) \(splat)", details: splats)
    }

    /// What is left of a sample's objects says of the kernel, or of us; `nil` where nothing is left.
    ///
    /// Only where nothing and nobody can still hold them has the kernel kept them.
    init?(leaks: [SampleResult.Leak], _ custody: LeakCustody?) {
        guard let first = leaks.first else { return nil }
        let names = leaks.map { "\($0.kind) \($0.subject)" }
        guard let custody, custody.isKernels else {
            let doubts = custody?.doubts ?? []
            self.init(
                verdict: .error,
                reason: .harness,
                message: "leaked \(first.kind) \(first.subject)" + (doubts.first.map { ": \($0)" } ?? ""),
                details: Array(names.dropFirst()) + doubts.dropFirst()
            )
            return
        }
        self.init(
            verdict: .fail,
            reason: .notFreed,
            message: "the kernel never freed \(first.kind) \(first.subject), which nothing holds any more",
            details: Array(names.dropFirst()) + custody.evidence
        )
    }
}
