public import RunModel
public import SampleKit

/// Which samples are to run on a host and which are not, and why: a pure value, equal for equal inputs.
public struct RunPlan: Sendable {
    /// A sample and what is to be done with it.
    public struct Cell: Sendable {
        /// The sample.
        public let entry: CatalogEntry
        /// What the sample ought to give.
        public let expected: SampleResult.Expectation
        /// What is to be done.
        public let action: Action

        /// The cell as it stands in the journal.
        public func planned(on machine: String) -> PlannedSample {
            PlannedSample(sample: entry.id, machine: machine, expected: expected, needs: entry.manifest.needs)
        }
    }

    /// What is to be done with a sample.
    public enum Action: Sendable, Hashable {
        /// It is run.
        case run
        /// It is not run.
        case skip(Reason, need: Need?, message: String)
    }

    /// The cells, in the order in which they are reported.
    public let cells: [Cell]

    /// Plans samples for a host.
    ///
    /// A sample is skipped where an option that it needs is known to be off, where the kernel is older than it needs, where
    /// the caller may not load programs, or where the deny list says so. What is not known is no reason to skip: the
    /// kernel is then asked by running the sample.
    public init(_ entries: [CatalogEntry], on host: HostFacts, denied: DenyList = DenyList()) {
        cells = entries.map { entry in
            let denial = denied.entry(for: entry.id)
            return Cell(
                entry: entry,
                expected: denial == nil ? .pass : .fail,
                action: denial?.isSkipped == true
                    ? .skip(.denyListed, need: nil, message: denial?.comment ?? "")
                    : Self.action(for: entry.manifest, on: host)
            )
        }
    }

    private static func action(for manifest: Manifest, on host: HostFacts) -> Action {
        for need in manifest.needs {
            switch need {
            case .option(let name) where host.options[name] == .off:
                return .skip(.configMissing, need: need, message: "\(name) is off in \(host.optionSource)")
            case .option(let name) where host.options[name] == .moduleMissing:
                let message = "\(name) is a module in \(host.optionSource), and its file is not beside the kernel"
                return .skip(.featureMissing, need: need, message: message)
            case .kernel(let since):
                if let version = host.version, version < since {
                    return .skip(.kernelTooOld, need: need, message: "this kernel is \(version)")
                }
            case .option, .privilege, .attach, .helper, .device, .source, .layout, .compiler, .idleProcessors:
                // Of an object only its reader knows who can have built it.
                // Of a helper and a layout only the kernel knows, which is asked when the sample runs.
                break
            }
        }
        switch host.access {
        case .granted:
            return .run
        case .absent:
            let message = "bpf(2): function not implemented (ENOSYS); this kernel was built without CONFIG_BPF_SYSCALL"
            return .skip(.configMissing, need: .option("CONFIG_BPF_SYSCALL"), message: message)
        case .denied:
            let message = "bpf(BPF_MAP_CREATE): operation not permitted (EPERM); run as root, for example with 'sudo'"
            return .skip(.noPrivilege, need: .privilege("CAP_BPF"), message: message)
        }
    }
}

/// What a plan must know of the host.
public struct HostFacts: Sendable, Hashable {
    /// Whether the options that samples need are on.
    ///
    /// An option that is missing here is not known.
    public var options: [String: OptionState]
    /// Where the options were read from.
    public var optionSource: String
    /// The kernel's version; `nil` where its release could not be read.
    public var version: KernelVersion?
    /// Whether this process may use bpf(2).
    public var access: BPFAccess

    /// Creates a description of a host.
    public init(options: [String: OptionState], optionSource: String, version: KernelVersion?, access: BPFAccess) {
        self.options = options
        self.optionSource = optionSource
        self.version = version
        self.access = access
    }

    /// Whether an option is on, as far as a trustworthy source says.
    public enum OptionState: Sendable, Hashable {
        /// Built in, or a module.
        case on
        /// A module whose file is not there, so that nobody can load it.
        case moduleMissing
        /// Neither.
        case off
    }

    /// Whether a process may use bpf(2).
    public enum BPFAccess: Sendable, Hashable {
        /// It may create maps.
        case granted
        /// The kernel has bpf(2), but not for this process.
        case denied
        /// The kernel has no bpf(2).
        case absent
    }
}
