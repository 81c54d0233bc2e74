import KernelChecks
import Reporting

/// What one use of `check` is for.
enum CheckPurpose {
    /// A kernel is checked against profiles.
    case profile
    /// What objects need is listed.
    case list
    /// What objects need is checked against a kernel's options.
    case needs
    /// Objects are matched against the types of kernels.
    case fit
    /// Objects are loaded.
    case load
}

extension CheckCommand {
    /// What the options are about.
    var purpose: CheckPurpose {
        if object.isEmpty, !listNeeds, against.isEmpty { return .profile }
        if probe == true || kernel != nil { return .load }
        if listNeeds { return .list }
        return against.isEmpty ? .needs : .fit
    }

    /// Refuses options that say nothing of objects, and those that a purpose has no use for.
    ///
    /// - Throws: `CheckRefusal`.
    func requireObjectOptions() throws {
        let files = try formatPlan.files
        let rules: [(isBroken: Bool, words: String)] = [
            (object.isEmpty, "no object is named; add --object FILE"),
            (!files.isEmpty, "--output and --format NAME=FILE are about kernels; redirect standard output"),
            (
                !["text", "json"].contains(formatPrinted),
                "an object's report is not available as \(formatPrinted); use text or json"
            ),
            (
                !profile.isEmpty || fix || !parts.isEmpty,
                "--profile, --fix and --ask are about kernels; leave them out"
            ),
            (
                purpose == .load
                    && (!against.isEmpty || listNeeds || subject.source != nil || running || probe == false),
                "--probe and --kernel load them for real; leave out --against, --list-needs, --no-probe and configs"
            ),
        ]
        if let broken = rules.first(where: \.isBroken) { throw CheckRefusal("checking objects: \(broken.words)") }
    }
}
