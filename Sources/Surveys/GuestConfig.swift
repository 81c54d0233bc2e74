public import ConfigCheck
public import GuestRun
import RunModel
import SystemPackage

/// The config of a kernel that guests boot: named, or found beside the kernel's image or inside it.
public struct GuestConfig: Sendable {
    /// What the kernel calls itself.
    public let kernel: RunningKernel
    /// The config; `nil` where none was found.
    public let found: IdentifiedConfig?
    /// Why other configs do not count, one per line.
    public let passedOver: [String]

    /// Looks for the config beside the image that is the image's own, or for the one inside it.
    ///
    /// - Parameters:
    ///   - kernel: The kernel.
    ///   - named: A config that the caller vouches for, instead of the one that is found.
    /// - Throws: `ConfigSourceError` where the named config cannot be read.
    public init(of kernel: GuestKernel, named: String?) throws(ConfigSourceError) {
        self.kernel = kernel.ownNames
        if let named {
            let config = try KernelConfigSource.file(FilePath(named)).read()
            found = IdentifiedConfig(judgedForItself: config, source: named)
            passedOver = []
        } else {
            (found, passedOver) = Self.search(kernel, kernel.ownNames)
        }
    }

    private static func search(
        _ kernel: GuestKernel,
        _ names: RunningKernel
    ) -> (found: IdentifiedConfig?, passedOver: [String]) {
        var doubtful: IdentifiedConfig?
        var passedOver: [String] = []
        for path in kernel.configCandidates {
            do throws(ConfigSourceError) {
                let config = try KernelConfigSource.file(FilePath(path)).read()
                let witness = IdentifiedConfig(config, source: path, of: names, isKernelsOwn: false)
                if witness.isTrusted { return (witness, passedOver) }
                doubtful = doubtful ?? witness
                passedOver.append("\(path): \(witness.identity), \(witness.evidence.joined(separator: ", "))")
            } catch {
                passedOver.append("\(path): \(error.cause)")
            }
        }
        // The unpacked kernel, where there is one: nothing has to be decompressed again.
        do throws(ConfigSourceError) {
            let config = try KernelConfigSource.image(FilePath(kernel.bootFile)).read()
            return (IdentifiedConfig(config, source: kernel.image, of: names, isKernelsOwn: true), passedOver)
        } catch {
            passedOver.append("\(kernel.image): \(error.cause)")
        }
        return (doubtful, passedOver)
    }

    /// The options; `nil` where no config can be believed.
    public var trusted: KernelConfig? { found.flatMap { $0.isTrusted ? $0.config : nil } }

    /// What the config lacks of what a virtual machine needs, the profile `guest`; `nil` where nothing is, or no config is believed.
    ///
    /// - Throws: `ProfileError` where the profile is not as it should be.
    public func misfit() throws -> String? {
        guard let found, found.isTrusted else { return nil }
        let profile = try ConfigProfile.load("guest")
        let version = kernel.kernelVersion
        let lacking = ConfigReport(judging: profile, against: found, absence: [], kernelVersion: version).checks
            .filter { $0.weight == .required && $0.verdict == .unmet }
            .map(\.feature)
        guard !lacking.isEmpty else { return nil }
        return "its config lacks \(lacking.joined(separator: ", ")), which virtual machines need: "
            + "'bpf-assay check --config \(found.source) --profile guest' says what for"
    }
}

extension GuestKernel {
    /// What the kernel calls itself.
    var ownNames: RunningKernel { RunningKernel(release: release, version: version, banner: banner) }
}

extension KernelConfig {
    /// `lsm=` for a kernel that has BPF LSM and does not start it; `nil` for any other.
    public var missingSecurityModules: String? {
        guard self["CONFIG_BPF_LSM"]?.isEnabled == true, case .string(let list) = self["CONFIG_LSM"],
            !list.split(separator: ",").contains("bpf")
        else { return nil }
        return list.isEmpty ? "bpf" : "\(list),bpf"
    }
}
