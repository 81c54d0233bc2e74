import ArgumentParser
import ConfigCheck
import Glibc
import KernelChecks
import Reporting
import RunModel

extension CheckCommand {
    /// Checks a kernel against profiles.
    func checkProfile() throws {
        try formatPlan.checkFiles(of: "check")
        let prepared = try request().prepared(say: Self.say)
        let record = prepared.check.record(notes: prepared.notes)
        try writeFiles(record)
        if fix {
            let advice = FixAdvice(of: record, beside: prepared.check.options.fixFragment)
            Console.put(text: advice.fragment)
            if let message = advice.message { Self.say(message) }
        } else {
            Console.put(text: try rendered(record))
            advise(prepared.check.options)
        }
        if let fragment = prepared.check.subject, fragment.isFragment { adviseToComplete(fragment) }
        try end(with: record.conclusion)
    }

    private func request() throws -> ProfileCheck {
        var check = ProfileCheck()
        check.subject = subject
        check.profiles = profile
        check.version = try judgedVersion()
        check.kernel = kernel
        check.isProbed = probe
        check.parts = Set(parts.map(\.part))
        return check
    }

    /// What the text says in its first line, for who reads another format.
    private func advise(_ report: ConfigReport) {
        guard formatPrinted != "text", !report.isTrusted else { return }
        if kernel != nil || subject.source != nil {
            Self.say("no config that belongs to this kernel can be believed; use --config with its own")
        } else {
            // With CONFIG_IKCONFIG=m /proc/config.gz appears when the module is loaded.
            Self.say(
                "judging the running kernel: no trustworthy config; "
                    + "load the module 'configs' if there is one, or use --config or --tree"
            )
        }
    }

    private func adviseToComplete(_ fragment: IdentifiedConfig) {
        Self.say(
            "to judge what Kconfig makes of '\(fragment.source)', complete it and check full/.config; "
                + "name the config that it is to be merged into, if there is one, before it:"
        )
        for command in fragment.completion(in: tree) { Console.say("  \(command)") }
    }

    private func rendered(_ record: CheckRecord) throws -> String {
        try rendered(
            record,
            as: formatPrinted,
            colour: Console.hasColour(STDOUT_FILENO),
            width: Console.width(STDOUT_FILENO)
        )
    }
}
