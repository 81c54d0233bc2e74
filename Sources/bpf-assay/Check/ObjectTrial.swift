import ArgumentParser
import ConfigCheck
import FileBytes
import Glibc
import GuestRun
import LibBPF
import LinuxHost
import ObjectNeeds
import RunModel
import SampleRun

/// Objects that are loaded for real, on this host or in a virtual machine.
struct ObjectTrial {
    /// The objects' paths.
    let paths: [String]

    /// Loads the objects.
    ///
    /// - Parameter kernel: What `run --kernel` takes; `nil` for this host.
    /// - Returns: A row an object.
    /// - Throws: What keeps an object from being read or a worker from being run; `ExitCode` where a signal came.
    func run(on kernel: String?) throws -> FitTable {
        let objects = try contents()
        do {
            return try kernel.map { try run(objects, inGuest: $0) } ?? runOnHost(objects.map(\.flaw))
        } catch is LoadTrial.Interrupted {
            throw ExitCode(128 + InterruptionPipe.signalNumber)
        }
    }

    private func runOnHost(_ flaws: [ObjectReadError?]) throws -> FitTable {
        if BPFSyscall.access() != .granted || geteuid() != 0 {
            Console.say(
                "bpf-assay check: loading objects on this host needs root; run it with 'sudo', or name a kernel with --kernel, "
                    + "which a virtual machine boots for any user"
            )
            throw ExitCode(CheckConclusion.inconclusive.rawValue)
        }
        let worker = try WorkerProgram.find(named: nil)
        for removed in ResourceJournal.sweep() { Console.say("removed what a dead run left behind: \(removed)") }
        let trials = try LoadTrial.run(onHost: paths, worker: worker, interruption: InterruptionPipe.open())
        return table(of: trials, flaws, on: RunningKernel.current().release)
    }

    /// With the modules that `check --kernel` loads, since programs may use what those bring.
    private func run(_ objects: [(bytes: [UInt8], flaw: ObjectReadError?)], inGuest kernel: String) throws -> FitTable {
        let guest = try GuestKernel(kernel, cache: .usual)
        var setup = try GuestCheck.setup(guest, try GuestSurvey.config(of: guest, named: nil).found)
        for (path, object) in zip(paths, objects) { setup.contents.objects[path] = object.bytes }
        setup.interruption = InterruptionPipe.open()
        let machine = setup
        Console.say("bpf-assay check: booting '\(kernel)' to load \(paths.count) objects, which takes some seconds")
        let trials = try WorkThread.run { [paths] in try LoadTrial.run(paths, on: GuestLane(machine)) }
        return table(of: trials, objects.map(\.flaw), on: guest.release)
    }

    /// Reads all objects before anything is loaded; a file that is no object is not handed to libbpf at all.
    ///
    /// - Returns: The bytes of each, and what keeps libbpf from reading it where it is an object all the same.
    private func contents() throws -> [(bytes: [UInt8], flaw: ObjectReadError?)] {
        try paths.map { path in
            do {
                let bytes = try InputFile.read(path, limit: ObjectCheck.mostBytes)
                do throws(ObjectReadError) {
                    _ = try ObjectNeeds(of: bytes)
                    return (bytes, nil)
                } catch {
                    guard error.isRefusal else { throw error }
                    return (bytes, error)
                }
            } catch {
                throw ObjectCheck.UnreadableObject(path: path, cause: error)
            }
        }
    }

    private func table(of trials: [LoadTrial], _ flaws: [ObjectReadError?], on kernel: String) -> FitTable {
        FitTable(
            zip(zip(paths, flaws), trials).map { object, trial in
                let (path, flaw) = object
                // What libbpf says of such an object names no cause.
                let reasons = trial.answer == .refused ? flaw.map { ["it \($0)"] } ?? trial.reasons : trial.reasons
                let answer: LoadPrediction.Answer =
                    switch trial.answer {
                    case .loaded: .loads
                    case .refused: .refused
                    case .unknown: .unknown
                    }
                return FitTable.Cell(
                    object: path,
                    kernel: kernel,
                    prediction: LoadPrediction(answer, because: reasons),
                    checks: [],
                    isTried: true
                )
            }
        )
    }
}
