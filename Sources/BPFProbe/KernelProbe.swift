public import RunModel
import LibBPF
import LinuxHost
import Synchronization

/// Asks the running kernel what BPF it has, by using it.
///
/// Everything that is made is closed at once, and helpers that the kernel logs a warning about are not asked for. This process'
/// limit of locked memory is raised meanwhile, and is what it was afterwards.
public enum KernelProbe {
    /// Asks for everything.
    ///
    /// A refusal is an answer, never an error. The work is done by a thread of its own, since it changes its network namespace.
    public static func run() -> ProbeReport {
        let result = Answer()
        WorkThread { result.report.withLock { $0 = asked() } }.join()
        return result.report.withLock { $0 }
    }

    private final class Answer: Sendable {
        let report = Mutex(ProbeReport())
    }

    private static func asked() -> ProbeReport {
        let limit = LockedMemoryLimit()
        let probe = TypeProbe(privileges: .current(), targets: AttachTargets())
        var report = ProbeReport()
        for (kind, form) in ProgramKind.allForms {
            report.programTypes.append(
                ProbedType(
                    name: kind.name,
                    attachType: form.isOneOfSeveral ? form.attachType?.name : nil,
                    answer: probe.ask(kind, form)
                )
            )
        }
        report.helpers = HelperProbe.run(probe, report.programTypes)
        report.mapTypes = MapKind.all.map { ProbedType(name: $0.name, answer: probe.ask($0)) }
        report.attachPoints = AttachProbe.run(probe)
        report.verifier = VerifierProbe.run(probe)
        withExtendedLifetime(limit) {}
        return report
    }
}
