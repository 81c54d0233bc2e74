import LibBPF
import LinuxHost

/// What the running kernel says about itself that a load has to name: ids of types, and its version.
struct AttachTargets: Sendable {
    private var resolved: [ProgramKind.Target: Result<Resolved, Missing>] = [:]
    /// Whether the kernel has type information.
    let hasTypes: Bool
    /// The names of the kernel's helpers by their numbers; empty without type information.
    ///
    /// An enumerator says that the kernel's source has the helper, not that any program may call it.
    private(set) var helperNames: [UInt32: String] = [:]
    /// `LINUX_VERSION_CODE` as kprobes before Linux 5.0 compare it.
    let kernelVersion: UInt32

    /// What a form has to name.
    struct Resolved: Sendable {
        var id: UInt32 = 0
        var attachType: UInt32?
    }

    /// A name that the kernel's type information does not have.
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// Reads them from the running kernel.
    init() {
        let words = ["/proc/version_signature", "/proc/sys/kernel/version", "/proc/sys/kernel/osrelease"]
        kernelVersion = words.lazy.compactMap { Self.version(in: (try? SmallFile.text($0)) ?? "") }.first ?? 0
        let types = try? KernelTypes()
        hasTypes = types != nil
        for (_, form) in ProgramKind.allForms {
            guard let target = form.target else { continue }
            resolved[target] = Self.resolve(target, types)
        }
        let prefix = "BPF_FUNC_"
        for (name, id) in types?.enumerators(of: "bpf_func_id") ?? [:] where name.hasPrefix(prefix) && id > 0 {
            helperNames[id] = "bpf_" + name.dropFirst(prefix.count)
        }
    }

    /// What a form has to name, or what is missing.
    func resolve(_ form: ProgramKind.Form) -> Result<Resolved, Missing> {
        form.target.flatMap { resolved[$0] } ?? .success(Resolved())
    }

    private static func resolve(_ target: ProgramKind.Target, _ types: KernelTypes?) -> Result<Resolved, Missing> {
        // Without a program to replace the id does not matter, as long as it is one.
        if target == .program { return .success(Resolved(id: 1)) }
        guard let types else {
            return .failure(Missing(description: "the kernel offers no type information (CONFIG_DEBUG_INFO_BTF)"))
        }
        switch target {
        case .program: break
        case .function(let name):
            if let id = types.id(of: name, .function) { return .success(Resolved(id: id)) }
            return .failure(Missing(description: "the kernel's type information has no function '\(name)'"))
        case .tracepoint(let name):
            if let id = types.id(of: "btf_trace_\(name)", .alias) { return .success(Resolved(id: id)) }
            return .failure(Missing(description: "the kernel's type information has no tracepoint '\(name)'"))
        case .member(let member, let record):
            if let id = types.id(of: record, .record), let index = types.index(of: member, in: record) {
                return .success(Resolved(id: id, attachType: index))
            }
        }
        return .failure(Missing(description: "the kernel's type information lacks what the program belongs to"))
    }

    /// The last version of three numbers in a text, as `LINUX_VERSION_CODE`.
    ///
    /// Distributions put the version that they built behind their own: `#1 SMP Debian 4.19.316-1 (2024-06-25)`.
    static func version(in text: String) -> UInt32? {
        let words = text.split { !($0.isNumber || $0 == ".") }
        for word in words.reversed() {
            let parts = word.split(separator: ".").compactMap { UInt32($0) }
            guard parts.count == 3, parts[0] < 256, parts[1] < 256 else { continue }
            return parts[0] << 16 | parts[1] << 8 | min(parts[2], 255)
        }
        return nil
    }
}
