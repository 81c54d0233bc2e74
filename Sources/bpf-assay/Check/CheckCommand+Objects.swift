import ArgumentParser
import ConfigCheck
import ObjectNeeds
import Reporting
import RunModel

extension CheckCommand {
    /// Judges objects instead of a profile.
    func checkObjects() throws {
        let check = ObjectCheck(paths: object, asJSON: formatPrinted == "json")
        let conclusion: Int32
        do {
            guard !object.isEmpty else { throw UsageError("checking objects: no object is named; add --object FILE") }
            guard formats.allSatisfy({ $0.request.file == nil }) else {
                throw UsageError("checking objects: --format NAME=FILE is about kernels; redirect standard output")
            }
            guard ["text", "json"].contains(formatPrinted) else {
                throw UsageError(
                    "checking objects: an object's report has no form '\(formatPrinted)'; use text or json"
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
                let tried = try ObjectTrial(paths: object).run(on: kernel)
                Console.put(text: formatPrinted == "json" ? tried.json() : tried.text())
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
            conclusion = try check.report(against: try subject().found, version: version).rawValue
        } catch let code as ExitCode {
            throw code
        } catch {
            Console.say("bpf-assay check: \(error)")
            throw ExitCode(2)
        }
        guard conclusion == 0 else { throw ExitCode(conclusion) }
    }
}
