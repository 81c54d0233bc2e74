public import BPFProbe
import ConfigCheck
import FeatureRules
import LinuxHost
public import RunModel
import SystemPackage

/// A check of a kernel against profiles, as a command line asks for it.
public struct ProfileCheck: Sendable {
    /// Which config is judged.
    public var subject = ConfigRequest()
    /// The names or files of profiles; empty for the profile `core`.
    public var profiles: [String] = []
    /// The version to judge by in place of the config's.
    public var version: KernelVersion?
    /// A kernel to boot and ask, as `run --kernel` takes it.
    public var kernel: String?
    /// Whether the running kernel is asked; `nil` where that depends on whether it may be.
    public var isProbed: Bool?
    /// The parts of the probe to run; empty for all of them.
    public var parts: Set<KernelProbe.Part> = []

    /// Creates a check of the running kernel against the profile `core`.
    public init() {}

    /// What is to be judged, and what is worth saying of it.
    public struct Prepared: Sendable {
        /// The check.
        public let check: KernelCheck
        /// What goes into the record, one per line.
        public let notes: [String]
    }

    /// Reads the config and the profiles, and asks the kernel where one is to be asked.
    ///
    /// - Parameter say: Takes what a person should know before the result comes.
    /// - Returns: The check, ready to be judged.
    /// - Throws: ``CheckRefusal`` for a request that contradicts itself or a profile that asks for what is not known;
    ///   `ConfigSourceError` or `ProfileError` for what cannot be read; what ``GuestCheck`` throws.
    public func prepared(say: (String) -> Void) throws -> Prepared {
        try requireSense()
        let profile = try joinedProfile()
        if let kernel { return try booted(kernel, profile, say) }
        let choice = try subject.choice()
        Self.warnOfDuplicates(choice.found, say)
        var notes = choice.contradicted.map { "other programs may read a config that says something else: \($0)" }
        let isRunning = subject.source == nil
        if isRunning, let version, let own = RunningKernel.current().kernelVersion, !version.isSameRelease(as: own) {
            notes.append(
                "judged as Linux \(version), as --kernel-version says; options and answers are those of Linux \(own)"
            )
        }
        let check = KernelCheck(
            subject: choice.found,
            passedOver: choice.passedOver,
            profile: profile,
            version: version ?? (isRunning ? RunningKernel.current().kernelVersion : treeVersion(of: choice.found)),
            probe: isRunning ? probed(&notes) : nil,
            host: isRunning ? .current() : nil
        )
        return Prepared(check: check, notes: notes)
    }

    /// Refuses what contradicts itself, before anything is read.
    private func requireSense() throws(CheckRefusal) {
        let isAboutRunning = isProbed == true || !parts.isEmpty
        let rules: [(isBroken: Bool, words: String)] = [
            (
                !parts.isEmpty && isProbed == false,
                "choosing what to ask: --ask asks the running kernel, and --no-probe forbids that"
            ),
            (
                isAboutRunning && kernel == nil && subject.source != nil,
                "choosing what to ask: --probe and --ask are about the running kernel; leave out --config, --image and --tree"
            ),
            (
                kernel != nil
                    && (subject.isRunning || subject.image != nil || subject.tree != nil || !parts.isEmpty),
                "choosing a kernel: --kernel boots it; leave out --running, --image, --tree and --ask, and give --config for its config"
            ),
        ]
        if let broken = rules.first(where: \.isBroken) { throw CheckRefusal(broken.words) }
    }

    private func joinedProfile() throws -> ConfigProfile {
        let asked = try (profiles.isEmpty ? ["core"] : profiles).map { try ConfigProfile.load($0) }
        let joined = ConfigProfile(joining: asked)
        if let stranger = joined.features.first(where: { !FeatureReport.knows($0.name) }) {
            throw CheckRefusal(
                "reading profile '\(joined.name)': line \(stranger.line) asks for '\(stranger.name)', and no such feature is known; "
                    + "bpf-assay check --format json names them all"
            )
        }
        return joined
    }

    /// The version of the tree that a fragment is for.
    private func treeVersion(of config: IdentifiedConfig?) -> KernelVersion? {
        guard config?.isFragment == true, let tree = subject.tree else { return nil }
        return KernelConfigSource.version(ofTree: FilePath(tree))
    }

    /// A check of a kernel that is booted to be asked.
    private func booted(_ kernel: String, _ profile: ConfigProfile, _ say: (String) -> Void) throws -> Prepared {
        if isProbed != false { say("booting '\(kernel)' to ask it, which takes some seconds") }
        let guest = try GuestCheck(kernel, config: subject.config, isAsked: isProbed != false)
        Self.warnOfDuplicates(guest.config, say)
        let check = KernelCheck(
            subject: guest.config,
            passedOver: guest.passedOver,
            profile: profile,
            version: version ?? guest.version,
            probe: guest.probe,
            host: nil
        )
        return Prepared(check: check, notes: [])
    }

    /// What the running kernel says of itself; `nil` where it is not asked.
    private func probed(_ notes: inout [String]) -> ProbeReport? {
        guard isProbed != false else {
            notes.append("the kernel was not asked itself: --no-probe")
            return nil
        }
        if isProbed == nil, !Privileges.current().has(.bpf) {
            notes.append(
                "the kernel was not asked itself, which takes CAP_BPF; --probe asks what may be asked without it"
            )
            return nil
        }
        return KernelProbe.run(parts: parts.isEmpty ? Set(KernelProbe.Part.allCases) : parts)
    }

    private static func warnOfDuplicates(_ subject: IdentifiedConfig?, _ say: (String) -> Void) {
        guard let subject else { return }
        for again in subject.config.duplicates.prefix(10) {
            say("\(subject.source): \(again.option) in line \(again.line) overrides line \(again.earlierLine)")
        }
        if subject.config.duplicates.count > 10 { say("\(subject.source): more options are set twice") }
    }
}
