/// Something a sample cannot do without, in a form that scripts can compare.
///
/// Its text is one word: `CONFIG_KPROBES`, `kernel>=5.10`, `privilege:CAP_BPF`, `attach:kprobe`,
/// `helper:bpf_probe_write_user`, `device:infiniband`, `source:xdp1_kern.c`,
/// `layout:power/cpu_idle`, `clang>=16`, `idle-processors`.
public enum Need: Sendable, Hashable {
    /// A kernel option that must be built in or loadable, with its `CONFIG_` prefix.
    case option(String)
    /// The first kernel version that has what is needed.
    case kernel(KernelVersion)
    /// A capability or another right of the calling process.
    case privilege(String)
    /// A way of attaching programs, such as `kprobe`.
    case attach(String)
    /// A helper that programs may call, which the kernel can take away whatever its options are, such as by a lockdown.
    case helper(String)
    /// A device or a class of devices.
    case device(String)
    /// A kern half's file in `samples/bpf`, which trees of some releases do not have.
    case source(String)
    /// A tracepoint, `category/name`, whose fields stand where the object expects them.
    case layout(String)
    /// The first release of a compiler that writes out what older ones leave to a library: `clang>=16`.
    case compiler(String, since: Int)
    /// Processors that nobody else keeps busy, for what can only be observed while they have nothing to do.
    case idleProcessors
}

extension Need: CustomStringConvertible, LosslessStringConvertible, Codable {
    /// Reads the one-word form.
    public init?(_ description: String) {
        func rest(after prefix: String) -> String? {
            // Bytes, not characters: a combining mark behind the prefix would melt into its last letter.
            guard description.utf8.starts(with: prefix.utf8) else { return nil }
            let rest = String(Substring(description.utf8.dropFirst(prefix.utf8.count)))
            return rest.isEmpty ? nil : rest
        }
        if rest(after: "CONFIG_") != nil {
            self = .option(description)
        } else if let version = rest(after: "kernel>=").flatMap({ KernelVersion($0) }) {
            self = .kernel(version)
        } else if let name = rest(after: "privilege:") {
            self = .privilege(name)
        } else if let name = rest(after: "attach:") {
            self = .attach(name)
        } else if let name = rest(after: "helper:") {
            self = .helper(name)
        } else if let name = rest(after: "device:") {
            self = .device(name)
        } else if let name = rest(after: "source:") {
            self = .source(name)
        } else if let name = rest(after: "layout:") {
            self = .layout(name)
        } else if let release = rest(after: "clang>=").flatMap({ Int($0) }), release > 0,
            "clang>=\(release)" == description
        {
            self = .compiler("clang", since: release)
        } else if description == Self.idleProcessorsText {
            self = .idleProcessors
        } else {
            return nil
        }
    }

    private static let idleProcessorsText = "idle-processors"

    /// The one-word form.
    public var description: String {
        switch self {
        case .option(let name): name
        case .kernel(let version): "kernel>=\(version)"
        case .privilege(let name): "privilege:\(name)"
        case .attach(let name): "attach:\(name)"
        case .helper(let name): "helper:\(name)"
        case .device(let name): "device:\(name)"
        case .source(let name): "source:\(name)"
        case .layout(let name): "layout:\(name)"
        case .compiler(let name, let release): "\(name)>=\(release)"
        case .idleProcessors: Self.idleProcessorsText
        }
    }

    /// Reads the one-word form from a record.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let need = Need(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no need")
        }
        self = need
    }

    /// Writes the one-word form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
