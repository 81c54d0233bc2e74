public import LibBPF
public import LinuxHost
public import RunModel

/// A helper that a kernel refuses to every program once it is locked down (`security_locked_down`).
public struct RestrictedHelper: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// Its number in linux/bpf.h.
    let number: Int32
    /// What calls it with arguments that no verifier objects to, in front of the call.
    let arguments: [Instruction]

    /// `bpf_probe_write_user`, which is refused from the mode `integrity` on (`LOCKDOWN_BPF_WRITE_USER`, Linux 5.14).
    public static let probeWriteUser = RestrictedHelper(
        name: "bpf_probe_write_user",
        number: 36,
        arguments: [
            .store(0, at: .r10, -8),  // *(u64 *)(r10 - 8) = 0
            .move(.r2, .r10),  // r2 = r10 - 8, from where
            .add(.r2, -8),
            .move(.r1, 0),  // r1 = 0, to where
            .move(.r3, 8),  // r3 = 8, so many bytes
        ]
    )

    /// `bpf_probe_read_kernel`, which is refused in the mode `confidentiality` (`LOCKDOWN_BPF_READ_KERNEL`, Linux 5.4).
    public static let probeReadKernel = RestrictedHelper(name: "bpf_probe_read_kernel", number: 113, reading: 8)
    /// `bpf_probe_read_kernel_str`, which is refused as ``probeReadKernel`` is.
    public static let probeReadKernelString = RestrictedHelper(
        name: "bpf_probe_read_kernel_str",
        number: 115,
        reading: 8
    )

    private init(name: String, number: Int32, arguments: [Instruction]) {
        self.name = name
        self.number = number
        self.arguments = arguments
    }

    /// A helper that reads some bytes onto the stack.
    private init(name: String, number: Int32, reading count: Int32) {
        self.init(
            name: name,
            number: number,
            arguments: [
                .move(.r1, .r10),  // r1 = r10 - count, to where
                .add(.r1, -count),
                .move(.r2, count),  // r2 = count, so many bytes
                .move(.r3, 0),  // r3 = 0, from where
            ]
        )
    }

    /// The need of a sample that calls it.
    public var need: Need { .helper(name) }

    /// Whether the kernel refuses the helper itself: a kprobe's program of a few instructions with the call, and not without it.
    func isRefused() -> Bool {
        let end: [Instruction] = [.move(.r0, 0), .exit]
        let call = [Instruction.call(Helper(rawValue: number))]
        let kprobe = RawProgram(type: .kprobe)
        let log = VerifierLog()
        let without = kprobe.load(arguments + end, log: log).refusal
        let with = kprobe.load(arguments + call + end, log: log).refusal
        return without == nil && with != nil
    }
}

extension Arena {
    /// Loads an object whose programs call a helper that a lockdown takes away.
    ///
    /// - Parameters:
    ///   - object: The object.
    ///   - helper: The helper, whose ``RestrictedHelper/need`` the sample's manifest must have.
    /// - Returns: The loaded object.
    /// - Throws: ``UnmetNeed`` where the kernel says that it is locked down, and refuses that helper also to a program that does
    ///   nothing else. `ObjectError` for every other refusal.
    public func load(_ object: consuming OpenedObject, calling helper: RestrictedHelper) throws -> LoadedObject {
        do throws(ObjectError) { return try object.load() } catch {
            throw unmet(helper, evidence: error.lastUsefulLines()) ?? error
        }
    }

    /// Starts to record what programs print, for which the recorder reads the kernel's memory.
    ///
    /// The sample's manifest must have the need of ``RestrictedHelper/probeReadKernelString``.
    ///
    /// - Throws: ``UnmetNeed`` where a lockdown takes the helper away; else what `PrintRecorder` throws.
    public func recordPrints() throws -> PrintRecorder {
        do throws(SystemCallError) { return try PrintRecorder() } catch {
            throw unmet(.probeReadKernelString, evidence: ["\(error)"]) ?? error
        }
    }

    /// Starts to record what sockops programs answer and print, for which the recorder reads the kernel's memory.
    ///
    /// The sample's manifest must have the need of ``RestrictedHelper/probeReadKernelString``.
    ///
    /// - Throws: ``UnmetNeed`` where a lockdown takes the helper away; else what `SocketOpsRecorder` throws.
    public func recordSocketOps(of cgroup: ControlGroup) throws -> SocketOpsRecorder {
        do throws(SystemCallError) { return try SocketOpsRecorder(of: cgroup) } catch {
            throw unmet(.probeReadKernelString, evidence: ["\(error)"]) ?? error
        }
    }

    /// What a refusal means on a kernel that is locked down; `nil` where that does not explain it.
    private func unmet(_ helper: RestrictedHelper, evidence: [String]) -> UnmetNeed? {
        guard let lockdown = KernelLockdown.inWorker(), lockdown.isInForce, helper.isRefused() else { return nil }
        return UnmetNeed(
            helper.need,
            "the kernel is locked down for \(lockdown.mode) and refuses \(helper.name) to every program",
            evidence: ["\(KernelLockdown.file): \(lockdown.text)"] + evidence
        )
    }
}

extension KernelLockdown {
    /// The kernel's lockdown as a sample's own process sees it; securityfs is mounted for it alone where nobody has mounted it.
    ///
    /// - Returns: `nil` on a kernel without `CONFIG_SECURITY_LOCKDOWN_LSM`.
    public static func inWorker() -> KernelLockdown? {
        if let known = current() { return known }
        let folder = "/mnt/security"
        guard (try? PrivateMounts.makeDirectory(folder)) != nil,
            (try? PrivateMounts.mount("securityfs", on: folder)) != nil
        else { return nil }
        return current(in: folder)
    }
}
