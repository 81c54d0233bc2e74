import ArgumentParser
import ConfigCheck
import Glibc
import KernelChecks
import ObjectChecks
import ObjectNeeds
import RunModel
import SampleRun

/// The objects that a command line names, judged in the three ways that there are, or only listed.
extension CheckCommand {
    private var paths: [String] { object.map(ConfigRequest.path) }

    private var printsJSON: Bool { formatPrinted == "json" }

    /// Prints what objects need.
    func listObjects() throws {
        try requireObjectOptions()
        let check = try NeedsCheck(of: paths)
        Console.put(text: printsJSON ? check.json : check.text)
    }

    /// Judges what objects need by a config.
    func checkNeeds() throws {
        try requireObjectOptions()
        let version = try judgedVersion()
        let running = subject.source == nil ? RunningKernel.current().kernelVersion : nil
        // The running kernel's options say nothing of another version's.
        let isOther = version.map { asked in running.map { !asked.isSameRelease(as: $0) } ?? false } ?? false
        let config = isOther ? nil : try subject.choice().found
        let report = try NeedsCheck(of: paths).report(on: config, version: version)
        Console.put(
            text: printsJSON ? report.json : report.text(verbose: verbose, width: Console.width(STDOUT_FILENO))
        )
        try end(with: report.conclusion)
    }

    /// Matches objects against the types of kernels.
    func checkFit() throws {
        try requireObjectOptions()
        let version = try judgedVersion()
        let config = try subject.source?.identified()
        try end(with: show(try FitCheck(of: paths).table(on: against, config: config, version: version)))
    }

    /// Loads objects.
    func checkLoading() throws {
        try requireObjectOptions()
        if kernel == nil { try requireFiles(paths) }
        let check = try LoadCheck(of: paths, interruption: { InterruptionPipe.open() }, say: Self.say)
        do {
            try end(with: show(try kernel.map { try check.inGuest($0) } ?? check.onHost()))
        } catch let error as LoadCheck.NotRoot {
            Self.say("\(error)")
            try end(with: .inconclusive)
        } catch is LoadTrial.Interrupted {
            throw ExitCode(128 + InterruptionPipe.signalNumber)
        }
    }

    private func show(_ table: FitTable) -> CheckConclusion {
        Console.put(text: printsJSON ? table.json() : table.text(width: Console.width(STDOUT_FILENO)))
        return table.conclusion
    }

    /// Objects that are loaded on this host are read again by a worker, which cannot be done with a pipe.
    private func requireFiles(_ paths: [String]) throws {
        for path in paths {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { continue }
            throw CheckRefusal(
                "reading object '\(path)': --probe reads an object twice, and a pipe can be read once; save it in a file"
            )
        }
    }
}
