import FoundationEssentials
import Glibc
import LinuxHost
import RunModel
import WorkerWire

/// What a user wants guests to be executed by.
public enum AcceleratorWish: String, Sendable, CaseIterable {
    /// KVM if a guest really boots on it, else QEMU itself.
    case auto
    /// KVM, whatever comes of it.
    case kvm
    /// QEMU itself.
    case tcg
}

/// The choice of an accelerator: KVM only after a guest has really booted on it.
///
/// That /dev/kvm opens says little: there are machines on which every guest hangs or QEMU aborts. The answer of one bounded
/// trial is remembered for this processor, kernel and QEMU.
public struct AcceleratorChoice: Sendable, Hashable {
    /// What guests are executed by.
    public let accelerator: Accelerator
    /// Why it is that one, for telling the user.
    public let reason: String

    /// What is remembered of a trial.
    struct Memory: Codable, Hashable {
        var subject: String
        var works: Bool
        var reason: String
    }

    /// The longest that a trial may take.
    static let trialTime = Duration.seconds(10)

    /// Chooses.
    ///
    /// It blocks up to ten seconds where a trial is made. It must be called on a thread that lives until it returns.
    ///
    /// - Parameters:
    ///   - wish: What the user wants.
    ///   - setup: What the trial boots.
    ///   - cache: Where the answer is remembered; `nil` for nowhere.
    public init(_ wish: AcceleratorWish, trying setup: GuestSetup, cache: CacheFolder?) {
        self.init(wish, subject: Self.subject(setup.program), device: "/dev/kvm", cache: cache) {
            Self.trial(setup)
        }
    }

    /// Chooses, with the trial as a parameter: it says why KVM does not work, or `nil` if it does.
    init(_ wish: AcceleratorWish, subject: String, device: String, cache: CacheFolder?, trial: () -> String?) {
        switch wish {
        case .tcg: (accelerator, reason) = (.tcg, "asked for")
        case .kvm: (accelerator, reason) = (.kvm, "asked for")
        case .auto:
            guard access(device, R_OK | W_OK) == 0 else {
                (accelerator, reason) = (.tcg, "\(device) cannot be used: \(String(cString: strerror(errno)))")
                return
            }
            let name = "kvm.json"
            let remembered = cache?.find(name).flatMap { path in
                (try? SmallFile.read(path, limit: 1 << 16)).flatMap {
                    try? JSONDecoder().decode(Memory.self, from: Data($0))
                }
            }
            let memory: Memory
            if let remembered, remembered.subject == subject {
                memory = remembered
            } else {
                let refusal = trial()
                memory = Memory(subject: subject, works: refusal == nil, reason: refusal ?? "a guest booted on it")
                if let bytes = try? JSONEncoder().encode(memory) { _ = cache?.keep(name, Array(bytes)) }
            }
            accelerator = memory.works ? .kvm : .tcg
            reason = memory.works ? "KVM works: \(memory.reason)" : "KVM does not work here: \(memory.reason)"
        }
    }

    /// Boots a guest on KVM.
    ///
    /// - Returns: Why it did not come up; `nil` if it did.
    private static func trial(_ setup: GuestSetup) -> String? {
        var setup = setup
        setup.machine.accelerator = .kvm
        setup.machine.timeStampKHz = nil
        setup.contents = Initramfs.Contents()
        setup.limits.firstByte = trialTime
        setup.limits.silence = trialTime
        setup.limits.hello = trialTime
        let key = GuestSetup.newKey()
        do {
            let guest = try Guest(
                setup.program,
                setup.arguments,
                initramfs: [setup.base, Initramfs.run(setup.contents, key: key, release: setup.kernelRelease)],
                key: key,
                limits: setup.limits,
                interruption: setup.interruption
            )
            defer { guest.kill() }
            _ = try guest.hello()
            return nil
        } catch let loss as MachineLoss {
            return loss.message
        } catch {
            return "\(error)"
        }
    }

    /// What an answer is about: the processor, the host's kernel, QEMU and whether it was changed.
    private static func subject(_ program: String) -> String {
        var names = utsname()
        uname(&names)
        let release = withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let processor =
            ((try? SmallFile.text("/proc/cpuinfo")) ?? "").split(separator: "\n")
            .first { $0.hasPrefix("model name") }.map(String.init) ?? "unknown processor"
        var status = stat()
        _ = stat(program, &status)
        return "\(processor); \(release); \(program) \(status.st_size) \(status.st_mtim.tv_sec)"
    }
}
