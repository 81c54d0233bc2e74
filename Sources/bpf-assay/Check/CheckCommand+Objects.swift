import ArgumentParser
import ConfigCheck
import RunModel

extension CheckCommand {
    /// Judges objects instead of a profile.
    func checkObjects() throws {
        let check = ObjectCheck(paths: object, asJSON: format.name == "json")
        let conclusion: Int32
        do {
            guard !object.isEmpty else { throw UsageError("checking objects: no object is named; add --object FILE") }
            guard ["text", "json"].contains(format.name) else {
                throw UsageError("checking objects: an object's report has no form '\(format.name)'; use text or json")
            }
            guard profile.isEmpty, !fix, probe != true, kernel == nil, parts.isEmpty else {
                throw UsageError(
                    "checking objects: --profile, --fix, --probe, --ask and --kernel are about kernels; leave them out, "
                        + "or name an image with --against"
                )
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
