import BPFProbe
import Glibc
import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SystemPackage

extension ObjectError {
    /// What libbpf and the verifier said; after `EPERM`, which says nothing of the cause, also the cause and what to do.
    ///
    /// - Precondition: Called in a worker, whose mount namespace is its own: securityfs may be mounted in it.
    func explainedLines() -> [String] {
        guard cause.errno == .notPermitted else { return lastUsefulLines() }
        let refusal = Refusal(
            missing: Self.missingRights(Privileges.current()),
            lockdown: KernelLockdown.inWorker()?.mode,
            isBounded: hasMemoryLimit && Self.countsMemory(on: Self.release())
        )
        return lastUsefulLines() + ["\(refusal.cause); \(refusal.remedy)"]
    }

    /// The capabilities that this process lacks of those that loading asks for.
    static func missingRights(_ privileges: Privileges) -> [String] {
        [Capability.bpf, .perfmon, .netAdmin].filter { !privileges.has($0) }.map(\.name)
    }

    /// Whether a kernel counts the memory of maps and programs against `RLIMIT_MEMLOCK`, as those before Linux 5.11 do.
    static func countsMemory(on release: String) -> Bool {
        KernelVersion(release).map { $0 < KernelVersion(5, 11) } ?? false
    }

    private static func release() -> String {
        var names = utsname()
        uname(&names)
        return withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
