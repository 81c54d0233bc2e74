public import RunModel

extension RunningKernel {
    /// The version of the source that the kernel was built from: what its config's header names.
    ///
    /// A distribution's release may be the name of its ABI: `6.1.0-56-amd64` is built from 6.1.192. Debian and its kin give
    /// the true version in `uname -v` (Raspberry Pi OS with an epoch, `1:6.1.58-1+rpt2`), Ubuntu in its signature; where
    /// neither says, it is the release.
    public var sourceVersion: String { namedSources.first ?? release }

    /// The numbers of ``sourceVersion``.
    public var kernelVersion: KernelVersion? { KernelVersion(sourceVersion) }

    /// Whether a distribution may have brought newer features to this version; see `KernelConfig.Header.hasBackports`.
    public var hasBackports: Bool { Backports.areUsual(in: release) }

    /// Whether a config's header names this kernel; `nil` where the kernel does not say what it was built from.
    ///
    /// The header has what the build called KERNELVERSION. That is the release without what LOCALVERSION adds (Arch, SUSE,
    /// Alpine, Android, WSL2, COS), or all of it (RHEL, Fedora, Amazon, some of Ubuntu's), or the upstream version that the
    /// release hides (Debian, Raspberry Pi OS, Ubuntu).
    func isNamed(by header: KernelConfig.Header) -> Bool? {
        let text = header.versionText
        if text == release { return true }
        let candidate = Candidate(text)
        let sources = namedSources
        if sources.isEmpty {
            // Fedora calls 6.7-rc1 6.7.0-0.rc1.16.fc40.
            if Self.begins(release, with: text)
                || (candidate?.candidate != nil && candidate?.isPlain == true && candidate == Candidate(release))
            {
                return true
            }
            return hidesItsSource(from: candidate) ? nil : false
        }
        // What names a build must name this one; a version alone may be the source's.
        if candidate?.isPlain != true { return ([release] + sources).contains { Self.begins($0, with: text) } }
        if sources.contains(where: { Candidate($0) == candidate }) { return true }
        // A source such as `6.6-8` leaves the third number open.
        let isOpen = sources.allSatisfy { Self.numbers(in: $0) < 3 && Candidate($0)?.candidate == nil }
        return isOpen && candidate?.version.patch != 0 ? nil : false
    }

    /// Ubuntu's kernels end in `.0` before the ABI's number, and only the signature, which may be out of sight, says more.
    private func hidesItsSource(from candidate: Candidate?) -> Bool {
        guard version.contains("Ubuntu"), let own = KernelVersion(release), let candidate, candidate.isPlain else {
            return false
        }
        let named = candidate.version
        return own.patch == 0 && (own.major, own.minor) == (named.major, named.minor)
    }

    /// The versions that the kernel names besides its release, of the release's series.
    private var namedSources: [String] {
        guard let series = KernelVersion(release) else { return [] }
        var words = version.split(separator: " ").dropFirst().map(String.init)
        // The kernel cuts its version at 64 bytes, perhaps in the middle of a word.
        if version.utf8.count >= 64 { words = words.dropLast() }
        if let signed = signature?.split(separator: " ").last { words.append(String(signed)) }
        return words.compactMap { word -> String? in
            // A Debian version may begin with an epoch.
            let parts = word.split(separator: ":", maxSplits: 1)
            let text = parts.count == 2 && parts[0].allSatisfy(\.isNumber) ? String(parts[1]) : word
            guard text.first?.isNumber == true, let named = KernelVersion(text),
                (named.major, named.minor) == (series.major, series.minor)
            else { return nil }
            return text
        }
    }

    private static func begins(_ release: String, with version: String) -> Bool {
        guard release.hasPrefix(version) else { return false }
        let next = release.dropFirst(version.count).first
        return next.map { !$0.isNumber && $0 != "." } ?? true
    }

    /// How many numbers joined by dots a text begins with.
    private static func numbers(in text: String) -> Int {
        text.prefix { $0.isNumber || $0 == "." }.split(separator: ".").count
    }
}

/// A version with the number of its release candidate.
private struct Candidate: Equatable {
    let version: KernelVersion
    /// `3` in `6.19.0-rc3` and `6.19~rc3-1~exp1`.
    let candidate: Int?
    /// Whether nothing else is named: no ABI, no build, no flavour.
    let isPlain: Bool

    init?(_ text: String) {
        guard let version = KernelVersion(text) else { return nil }
        self.version = version
        let suffix = text.drop { $0.isNumber || $0 == "." }
        if let start = suffix.firstRange(of: "rc") {
            candidate = Int(suffix[start.upperBound...].prefix { $0.isASCII && $0.isNumber })
        } else {
            candidate = nil
        }
        isPlain = suffix.isEmpty || suffix.dropFirst() == "rc\(candidate ?? -1)"
    }

    static func == (left: Candidate, right: Candidate) -> Bool {
        (left.version, left.candidate) == (right.version, right.candidate)
    }
}

/// Distributions that keep an old version for years and bring newer features to it.
enum Backports {
    /// Whether a release is of such a kernel: RHEL's and its kin's (`.el8`, Oracle's `el8uek` too), SUSE's for enterprises
    /// (`150400.24` and `lp154` behind the version).
    static func areUsual(in release: String) -> Bool {
        if let start = release.firstRange(of: ".el"), release[start.upperBound...].first?.isNumber == true {
            return true
        }
        let build = release.split(separator: "-").dropFirst().first ?? ""
        return build.hasPrefix("lp15") || (build.hasPrefix("150") && build.prefix { $0.isNumber }.count == 6)
    }
}

extension KernelConfig.Header {
    /// Whether the version is of a distribution that brings newer features to older versions, as RHEL's `.el8` does.
    ///
    /// Then a version does not tell what the kernel lacks; an option that the config mentions still tells what it has.
    public var hasBackports: Bool { Backports.areUsual(in: versionText) }
}
