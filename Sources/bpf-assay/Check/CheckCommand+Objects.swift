import ArgumentParser
import ConfigCheck
import Glibc
import ObjectNeeds
import Reporting
import RunModel

extension CheckCommand {
    /// Judges objects instead of a profile.
    func checkObjects() throws {
        let paths = object.map(Self.path)
        let check = ObjectCheck(
            paths: paths,
            asJSON: formatPrinted == "json",
            isVerbose: verbose,
            width: Console.width(STDOUT_FILENO)
        )
        let conclusion: Int32
        do {
            guard !object.isEmpty else { throw UsageError("checking objects: no object is named; add --object FILE") }
            guard try formatPlan.files.isEmpty else {
                throw UsageError(
                    "checking objects: --output and --format NAME=FILE are about kernels; redirect standard output"
                )
            }
            guard ["text", "json"].contains(formatPrinted) else {
                throw UsageError(
                    "checking objects: an object's report is not available as \(formatPrinted); use text or json"
                )
            }
            guard profile.isEmpty, !fix, parts.isEmpty else {
                throw UsageError("checking objects: --profile, --fix and --ask are about kernels; leave them out")
            }
            if probe == true || kernel != nil {
                guard against.isEmpty, !listNeeds, namedSource == nil, !running, probe != false else {
                    throw UsageError(
                        "checking objects: --probe and --kernel load them for real; leave out --against, --list-needs, "
                            + "--no-probe and configs"
                    )
                }
                if kernel == nil { try requireFiles(paths) }
                let tried = try ObjectTrial(paths: paths).run(on: kernel)
                Console.put(
                    text: formatPrinted == "json" ? tried.json() : tried.text(width: Console.width(STDOUT_FILENO))
                )
                guard tried.conclusion == .met else { throw ExitCode(tried.conclusion.rawValue) }
                return
            }
            if listNeeds {
                try check.list()
                return
            }
            let version = try judgedVersion()
            if !against.isEmpty {
                let fit = try check.fit(to: against, config: try namedSource?.identified(), version: version)
                guard fit == .met else { throw ExitCode(fit.rawValue) }
                return
            }
            let running = namedSource == nil ? RunningKernel.current().kernelVersion : nil
            // The running kernel's options say nothing of another version's.
            let isOther = version.map { asked in running.map { !asked.isSameRelease(as: $0) } ?? false } ?? false
            conclusion = try check.report(against: isOther ? nil : try subject().found, version: version).rawValue
        } catch let code as ExitCode {
            throw code
        } catch {
            Console.say("bpf-assay check: \(DecodingFailure.text(of: error))")
            throw ExitCode(ExitStatus.usage.rawValue)
        }
        guard conclusion == 0 else { throw ExitCode(conclusion) }
    }

    /// Objects that are loaded on this host are read again by a worker, which cannot be done with a pipe.
    private func requireFiles(_ paths: [String]) throws {
        for path in paths {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { continue }
            throw UsageError(
                "reading object '\(path)': --probe reads an object twice, and a pipe can be read once; save it in a file"
            )
        }
    }
}
