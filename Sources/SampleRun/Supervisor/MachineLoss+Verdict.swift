import RunModel
import SampleWorker

extension MachineLoss {
    /// What the loss of a machine says about the sample that ran there, and a sentence about it.
    ///
    /// A panic and a machine that hangs are the kernel's fault. An end that nobody explains is a MISS. What the emulator, the
    /// stream or want of memory is to blame for is no fault of the kernel.
    var verdict: (Verdict, Reason?, String) {
        switch kind {
        case .panic: (.fail, .crash, "the guest's kernel panicked: \(message)")
        case .hang: (.fail, .timeout, "the guest hung: \(message)")
        case .reset, .powerOff, .emulator: (.miss, .guestLost, "the guest was lost: \(message)")
        case .outOfMemory: (.error, .harness, "the guest ran out of memory: \(message); give it more with --memory")
        case .stream: (.error, .harness, "what the guest sent cannot be believed: \(message)")
        case .boot, .emulatorBoot: (.error, .bootFailed, "the guest did not start: \(message)")
        }
    }
}
