import Glibc
import LinuxHost
public import RunModel

/// What stands around programs on this host and no bpf(2) call tells: filesystems, the JIT, type information, policies.
///
/// Read from /proc and /sys, which takes no privilege.
public struct HostConditions: Sendable, Hashable {
    /// Answers about subsystems (`subsystem:jit`) and mounts (`mount:bpf`).
    public let answers: [ProbedType]
    /// Settings that explain refusals, by the name of their file: `lockdown`, `lsm`, `unprivileged_bpf_disabled`,
    /// `bpf_jit_enable`, `bpf_jit_harden`, `perf_event_paranoid`, `kptr_restrict`; a file that is not there has none.
    public let settings: [String: String]

    /// Reads them from the running kernel.
    ///
    /// A file that cannot be read is no error: what hangs on it is inconclusive, or left out.
    public static func current() -> HostConditions {
        HostConditions(
            read: { try? SmallFile.text($0) },
            exists: { access($0, F_OK) == 0 },
            xdpSocket: { Self.errnoOfXDPSocket() }
        )
    }

    init(read: (String) -> String?, exists: (String) -> Bool, xdpSocket: () -> CInt) {
        var settings: [String: String] = [:]
        for path in Self.settingFiles {
            guard let text = read(path) else { continue }
            let name = String(path.split(separator: "/").last ?? "")
            settings[name] = name == "lockdown" ? KernelLockdown(text: text)?.mode : text.trimmedLine
        }
        self.settings = settings
        answers = Self.answers(read, exists, xdpSocket(), settings)
    }

    private static let settingFiles = [
        KernelLockdown.file, "/sys/kernel/security/lsm", "/proc/sys/kernel/unprivileged_bpf_disabled",
        "/proc/sys/net/core/bpf_jit_enable", "/proc/sys/net/core/bpf_jit_harden",
        "/proc/sys/kernel/perf_event_paranoid", "/proc/sys/kernel/kptr_restrict",
    ]

    private static func answers(
        _ read: (String) -> String?,
        _ exists: (String) -> Bool,
        _ xdpErrno: CInt,
        _ settings: [String: String]
    ) -> [ProbedType] {
        let filesystems = read("/proc/filesystems").map { text in
            Set(text.split(separator: "\n").compactMap { $0.split(separator: "\t").last.map(String.init) })
        }
        let mounts = read("/proc/self/mounts").map { text in
            Set(
                text.split(separator: "\n").compactMap { line in
                    let words = line.split(separator: " ")
                    return words.count > 2 ? String(words[2]) : nil
                }
            )
        }
        func filesystem(_ name: String, _ type: String) -> ProbedType {
            let answer: ProbeAnswer =
                filesystems.map { $0.contains(type) ? .supported : .absent }
                ?? .inconclusive("/proc/filesystems cannot be read")
            return ProbedType(name: "subsystem:\(name)", answer: answer)
        }
        func mount(_ type: String) -> ProbedType {
            let answer: ProbeAnswer =
                mounts.map { $0.contains(type) ? .supported : .absent }
                ?? .inconclusive("/proc/self/mounts cannot be read")
            return ProbedType(name: "mount:\(type)", answer: answer)
        }
        let hasSysfs = exists("/sys/kernel")
        func inSysfs(_ name: String, _ path: String) -> ProbedType {
            let answer: ProbeAnswer =
                exists(path) ? .supported : hasSysfs ? .absent : .inconclusive("sysfs is not mounted")
            return ProbedType(name: "subsystem:\(name)", answer: answer)
        }
        // perf_event_open(2): this file is there exactly where the kernel has the call.
        let perf: ProbeAnswer = exists("/proc/sys/kernel/perf_event_paranoid") ? .supported : .absent
        return [
            ProbedType(name: "subsystem:jit", answer: jit(settings["bpf_jit_enable"], exists)),
            inSysfs("kernel-btf", "/sys/kernel/btf/vmlinux"),
            filesystem("bpf-filesystem", "bpf"), filesystem("tracefs", "tracefs"), filesystem("cgroup2", "cgroup2"),
            ProbedType(
                name: "subsystem:perf-events",
                answer: exists("/proc/sys/kernel") ? perf : .inconclusive("no procfs")
            ),
            ProbedType(name: "subsystem:af_xdp", answer: xdpSocket(xdpErrno)),
            inSysfs("struct_ops/sched_ext_ops", "/sys/kernel/sched_ext"),
            mount("bpf"), mount("tracefs"), mount("cgroup2"),
        ]
    }

    /// Only the first network namespace shows the JIT's switch, and netdev_max_backlog beside it.
    private static func jit(_ value: String?, _ exists: (String) -> Bool) -> ProbeAnswer {
        switch value {
        case nil where exists("/proc/sys/net/core/netdev_max_backlog"): .absent
        case nil: .inconclusive("net.core.bpf_jit_enable is only shown in the host's own network namespace")
        case "0": .denied("net.core.bpf_jit_enable is 0")
        case .some: .supported
        }
    }

    private static func xdpSocket(_ errno: CInt) -> ProbeAnswer {
        switch errno {
        case 0: .supported
        case EAFNOSUPPORT: .absent
        case EPERM, EACCES: .denied("needs CAP_NET_RAW")
        default: .inconclusive("socket(AF_XDP) says errno \(errno)")
        }
    }

    /// The errno of making an AF_XDP socket (Linux 4.18), 0 where it was made; it is closed at once.
    private static func errnoOfXDPSocket() -> CInt {
        // AF_XDP, SOCK_RAW | SOCK_CLOEXEC: libc spells the types of sockets as enumerators here and as macros there.
        let number = socket(44, 3 | 0o2_000_000, 0)
        guard number >= 0 else { return errno }
        close(number)
        return 0
    }
}

extension String {
    /// The first line without blanks at its ends.
    fileprivate var trimmedLine: String {
        let line = prefix { $0 != "\n" }
        return line.split(separator: " ").joined(separator: " ")
    }
}
