import ConfigCheck
import Glibc
import GuestRun
import KernelChecks
import LibBPF
import LinuxHost
public import ObjectNeeds
import SampleRun
import Surveys

/// Objects that are loaded for real, on this host or in a virtual machine, and released at once.
public struct LoadCheck: Sendable {
    /// An object, and what keeps libbpf from reading it where it is an object all the same.
    private struct Candidate {
        let file: ObjectFile
        let flaw: ObjectReadError?
    }

    private let candidates: [Candidate]
    private let interruption: @Sendable () -> CInt
    private let say: @Sendable (String) -> Void

    /// Loading on this host takes rights that this process lacks.
    public struct NotRoot: Error, Sendable, CustomStringConvertible {
        /// What it takes, and what to do.
        public var description: String {
            "loading objects on this host needs root; run it with 'sudo', or name a kernel with --kernel, "
                + "which a virtual machine boots for any user"
        }
    }

    /// Reads all objects before anything is loaded; a file that is no object is not handed to libbpf at all.
    ///
    /// - Parameters:
    ///   - paths: The objects' paths.
    ///   - interruption: Makes a descriptor that becomes readable when the check is to end at once, or -1; asked for when loading
    ///     begins.
    ///   - say: Takes what a person should know before the result comes.
    /// - Throws: ``UnreadableObject``.
    public init(
        of paths: [String],
        interruption: @escaping @Sendable () -> CInt,
        say: @escaping @Sendable (String) -> Void
    ) throws(UnreadableObject) {
        var candidates: [Candidate] = []
        for path in paths { candidates.append(try Self.candidate(path)) }
        self.candidates = candidates
        self.interruption = interruption
        self.say = say
    }

    private static func candidate(_ path: String) throws(UnreadableObject) -> Candidate {
        let file = try ObjectFile(path)
        do throws(ObjectReadError) {
            _ = try ObjectNeeds(of: file.bytes)
            return Candidate(file: file, flaw: nil)
        } catch {
            guard error.isRefusal else { throw UnreadableObject(path: path, cause: error) }
            return Candidate(file: file, flaw: error)
        }
    }

    /// Loads the objects on this host.
    ///
    /// - Returns: A row an object.
    /// - Throws: ``NotRoot``, `WorkerProgram.Missing`, or `LoadTrial.Interrupted`.
    public func onHost() throws -> FitTable {
        guard BPFSyscall.access() == .granted, geteuid() == 0 else { throw NotRoot() }
        let worker = try WorkerProgram.find(named: nil)
        for removed in ResourceJournal.sweep() { say("removed what a dead run left behind: \(removed)") }
        let paths = candidates.map(\.file.path)
        let trials = try LoadTrial.run(onHost: paths, worker: worker, interruption: interruption())
        return table(of: trials, on: RunningKernel.current().release)
    }

    /// Loads the objects in a virtual machine, with the modules that `check --kernel` loads, since programs may use what those
    /// bring.
    ///
    /// - Parameter kernel: What `run --kernel` takes.
    /// - Returns: A row an object.
    /// - Throws: `GuestKernelError`, `WorkerProgram.Missing`, `GuestSetupError`, or `LoadTrial.Interrupted`.
    public func inGuest(_ kernel: String) throws -> FitTable {
        let guest = try GuestKernel(kernel, cache: .usual)
        var setup = try GuestSetup(askingEverythingOf: guest)
        for candidate in candidates { setup.contents.objects[candidate.file.path] = candidate.file.bytes }
        setup.interruption = interruption()
        let machine = setup
        say("booting '\(kernel)' to load \(candidates.count) objects, which takes some seconds")
        let paths = candidates.map(\.file.path)
        let trials = try WorkThread.run { try LoadTrial.run(paths, on: GuestLane(machine)) }
        return table(of: trials, on: guest.release)
    }

    private func table(of trials: [LoadTrial], on kernel: String) -> FitTable {
        FitTable(zip(candidates, trials).map { Self.cell($0, $1, on: kernel) })
    }

    private static func cell(_ candidate: Candidate, _ trial: LoadTrial, on kernel: String) -> FitTable.Cell {
        // What libbpf says of such an object names no cause.
        let flaw = trial.answer == .refused ? candidate.flaw : nil
        let answer: LoadPrediction.Answer =
            switch trial.answer {
            case .loaded: .loads
            case .refused: .refused
            case .unknown: .unknown
            }
        return FitTable.Cell(
            object: candidate.file.path,
            kernel: kernel,
            prediction: LoadPrediction(answer, because: flaw.map { ["it \($0)"] } ?? trial.reasons),
            checks: [],
            isTried: true
        )
    }
}
