import LibBPF
import LinuxHost
import RunModel

/// What outlived the worker that made it.
enum Leaks {
    /// What is left of the BPF objects that a dead worker said it made.
    ///
    /// The kernel frees them behind our back (a program after an RCU grace period, a namespace from a work queue), so each is
    /// asked for every 5 ms until all are gone or the deadline has passed. The ids are the worker's own: what others load and
    /// unload on a busy host meanwhile is never taken for a leak.
    static func remaining(of made: [SampleResult.Leak], deadline: Deadline) -> [SampleResult.Leak] {
        var left = made.compactMap { made -> (SampleResult.Leak, KernelObject)? in
            guard let kind = KernelObjectKind(rawValue: made.kind), let id = UInt32(made.subject) else { return nil }
            return (made, KernelObject(kind: kind, id: id))
        }
        _ = deadline.poll(everyMilliseconds: 5) {
            left.removeAll { !$0.1.exists }
            return left.isEmpty
        }
        return left.map(\.0)
    }

    /// Those that are no BPF objects.
    static func others(_ leaks: [SampleResult.Leak]) -> [SampleResult.Leak] {
        leaks.filter { KernelObjectKind(rawValue: $0.kind) == nil }
    }
}
