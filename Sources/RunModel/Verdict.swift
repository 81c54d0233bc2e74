/// How one cell of a run (a sample on a machine) came out.
///
/// The words are kcidb's.
public enum Verdict: String, Codable, Sendable, CaseIterable, Hashable {
    /// The oracle looked at something and all of it was right.
    case pass
    /// The sample ran and its oracle did not hold, or the kernel refused what it must grant. The tested code is at fault.
    case fail
    /// The harness broke. Nothing was learned about the kernel.
    case error
    /// No result was reported: the sample did not run, or did not run to its end, and the cause is unknown.
    case miss
    /// Not applicable here; the result's ``Need`` says what is lacking.
    case skip
}

/// Why a verdict is not a plain pass.
///
/// The list is closed: a reader may switch over it.
public enum Reason: String, Codable, Sendable, CaseIterable, Hashable {
    /// The oracle found something other than what it expected.
    case oracle
    /// The verifier or the kernel refused to load a program or map.
    case loadRejected = "load_rejected"
    /// The kernel refused to attach a loaded program.
    case attachFailed = "attach_failed"
    /// The deadline passed on a living kernel.
    case timeout
    /// The kernel logged a warning or an oops while the sample ran.
    case splat
    /// The worker was killed by a signal, or the guest's kernel panicked.
    case crash
    /// The kernel kept a program, map or link that nothing holds any more.
    case notFreed = "not_freed"
    /// A kernel option that the sample needs is off.
    case configMissing = "config_missing"
    /// The kernel is older than the feature.
    case kernelTooOld = "kernel_too_old"
    /// The host or kernel lacks a feature that no single option stands for.
    case featureMissing = "feature_missing"
    /// The caller may not do what the sample needs.
    case noPrivilege = "no_privilege"
    /// A deny list says not to run the sample.
    case denyListed = "deny_listed"
    /// The sample's kern object could not be built.
    case buildFailed = "build_failed"
    /// A virtual machine did not start.
    case bootFailed = "boot_failed"
    /// A virtual machine was lost while it ran.
    case guestLost = "guest_lost"
    /// The machine or process that ran the samples was lost.
    case nodeLost = "node_lost"
    /// The harness itself failed.
    case harness
}
