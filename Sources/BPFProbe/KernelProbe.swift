import LibBPF
import LinuxHost
public import RunModel
import Synchronization

/// Asks the running kernel what BPF it has, by using it.
///
/// Everything that is made is closed at once, and helpers that the kernel logs a warning about are not asked for. This process'
/// limit of locked memory is raised meanwhile, and is what it was afterwards.
public enum KernelProbe {
    /// What can be asked for.
    public enum Part: Sendable, Hashable, CaseIterable {
        /// Program types, by loading a program of each.
        case programTypes
        /// Map types, by making a map of each.
        case mapTypes
        /// Which helpers each program type may call.
        case helpers
        /// Attach points and link types, by attaching to each; and effects, where attaching proves nothing.
        case attachPoints
        /// What the verifier accepts beyond the first eBPF.
        case verifier
    }

    /// Asks the kernel.
    ///
    /// A refusal is an answer, never an error. The work is done by threads of its own, at most seven, some of which are in network
    /// or mount namespaces of their own. What a probe that was killed has left is removed first.
    ///
    /// - Parameter parts: What to ask for; the report has nothing of the others.
    /// - Returns: The answers.
    public static func run(parts: Set<Part> = Set(Part.allCases)) -> ProbeReport {
        let limit = LockedMemoryLimit()
        _ = ResourceJournal.sweep()
        let knowledge = TypeProbe.learn(privileges: seenCloser(.current()), targets: AttachTargets())
        let found = Found()
        // The namespaces of a lane live as long as its thread.
        let lanes = parts.contains(.attachPoints) ? AttachPoint.Lane.allCases : []
        let attaching = lanes.map { lane in WorkThread { found.attach(knowledge, lane) } }
        let probe = TypeProbe(knowing: knowledge)
        var report = ProbeReport()
        if parts.contains(.programTypes) || parts.contains(.helpers) {
            let types = ProgramKind.allForms.map { kind, form in
                ProbedType(
                    name: kind.name,
                    attachType: form.isOneOfSeveral ? form.attachType?.name : nil,
                    answer: probe.ask(kind, form)
                )
            }
            if parts.contains(.programTypes) { report.programTypes = types }
            if parts.contains(.helpers) { report.helpers = HelperProbe.run(knowledge, types) }
        }
        if parts.contains(.mapTypes) {
            report.mapTypes = MapKind.all.map { ProbedType(name: $0.name, answer: probe.ask($0)) }
        }
        for thread in attaching { thread.join() }
        if parts.contains(.attachPoints) { found.findings.write(to: &report) }
        if parts.contains(.verifier) { report.verifier = VerifierProbe.run(probe) }
        withExtendedLifetime(limit) {}
        return report
    }

    /// What another thread has found.
    private final class Found: Sendable {
        private let kept = Mutex(AttachProbe.Findings())

        var findings: AttachProbe.Findings { kept.withLock { $0 } }

        func attach(_ knowledge: TypeProbe.Knowledge, _ lane: AttachPoint.Lane) {
            var probe = AttachProbe(TypeProbe(knowing: knowledge), lane)
            let findings = probe.run()
            kept.withLock { $0.merge(findings) }
        }
    }

    /// The privileges with the lockdown mode, which explains refusals; a thread ends in a mount namespace for it.
    private static func seenCloser(_ privileges: Privileges) -> Privileges {
        guard privileges.lockdown == nil, privileges.has(.sysAdmin) else { return privileges }
        let seen = Closer(privileges)
        WorkThread { seen.look() }.join()
        return seen.privileges
    }

    private final class Closer: Sendable {
        private let kept: Mutex<Privileges>

        init(_ privileges: Privileges) { kept = Mutex(privileges) }

        var privileges: Privileges { kept.withLock { $0 } }

        func look() {
            guard (try? PrivateMounts.enter()) != nil else { return }
            kept.withLock { $0 = $0.lookingCloser() }
        }
    }
}
