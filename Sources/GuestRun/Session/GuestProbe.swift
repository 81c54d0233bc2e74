import LinuxHost
public import RunModel
public import WorkerWire

/// Asks a kernel what BPF it has, in a guest that boots it: the same questions as `KernelProbe` asks the running one.
public enum GuestProbe {
    /// Why there is no report.
    public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// The guest was lost, or did not start.
        case lost(MachineLoss)
        /// The worker that asked ended without a report; what is known of it.
        case silent(String)
        /// The run was interrupted.
        case interrupted

        /// What came in the way.
        public var description: String {
            switch self {
            case .lost(let loss): "asking a kernel in a virtual machine: \(loss)"
            case .silent(let why): "asking a kernel in a virtual machine: \(why)"
            case .interrupted: "asking a kernel in a virtual machine: interrupted"
            }
        }
    }

    /// Boots a guest, asks, and ends it.
    ///
    /// It blocks for some seconds; the work is done by a thread of its own.
    ///
    /// - Parameters:
    ///   - setup: What the guest is made of. Modules in it are loaded, so that types they bring are there.
    ///   - timeout: The time that the questions have on a machine of usual speed.
    /// - Returns: What the kernel answered.
    /// - Throws: ``Failure``, or an error that keeps QEMU from being started.
    public static func run(_ setup: GuestSetup, timeout: Duration = .seconds(60)) throws -> ProbeReport {
        try WorkThread.run { try ask(GuestLane(setup), timeout) }
    }

    private static func ask(_ lane: GuestLane, _ timeout: Duration) throws -> ProbeReport {
        let outcome = try lane.probe(timeout: timeout)
        let doubt = lane.finish()
        if outcome.interrupted { throw Failure.interrupted }
        if let loss = outcome.loss ?? doubt?.loss { throw Failure.lost(loss) }
        if outcome.timedOut { throw Failure.silent("no answer after \(Int(outcome.allowed)) s") }
        switch outcome.last {
        case .observed(let report):
            do {
                return try report.decoded(as: ProbeReport.self)
            } catch {
                throw Failure.silent("its answers cannot be read: \(DecodingFailure.text(of: error))")
            }
        case .broke(let message): throw Failure.silent(message)
        default: throw Failure.silent("the worker ended without a report: \(outcome.output.suffix(400))")
        }
    }
}
