import LibBPF
import LinuxHost
import RunModel
import SampleKit
import WorkerWire

/// What a lockdown for confidentiality means for samples that trace.
///
/// It takes tracefs, kprobes and the reading of the kernel's memory from everybody (`LOCKDOWN_TRACEFS`, `LOCKDOWN_KPROBES`,
/// `LOCKDOWN_BPF_READ_KERNEL` in security/security.c), each with an errno that looks like another fault.
enum Lockout {
    /// Types of programs that live on what is taken, as manifests name them.
    private static let tracing: Set = ["KPROBE", "TRACEPOINT", "RAW_TRACEPOINT", "PERF_EVENT"]

    /// The frame that names what is lacking; `nil` for an error that such a lockdown does not explain.
    ///
    /// What a sample observed is never explained by it: only that it could not begin.
    static func frame(of error: any Error, for manifest: Manifest) -> WorkerFrame? {
        guard !(error is LayoutDrift), !(error is UnmetNeed), !(error is ObjectMismatch),
            let type = manifest.programTypes.first(where: tracing.contains),
            let lockdown = KernelLockdown.inWorker(), lockdown.mode == "confidentiality"
        else { return nil }
        return .unmet(
            need: .attach(type.lowercased()),
            message: "the kernel is locked down for \(lockdown.mode), which disables tracing",
            details: ["\(KernelLockdown.file): \(lockdown.text)", "\(error)"]
        )
    }
}
