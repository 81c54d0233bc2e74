import LinuxHost
import RunModel
import SystemPackage

/// What came of one try to attach a program.
///
/// Which refusals mean that the kernel does not have it depends on the way, so each way says that of its own.
enum AttachOutcome: Hashable {
    /// The program was attached, and is detached again.
    case attached
    /// The kernel does not have it.
    case absent
    /// The kernel refused for another reason.
    case refused(Errno)
    /// The calling process may not make what the program is attached to, for this reason.
    case outOfReach(String)
    /// There was nothing to attach the program to.
    case untried(String)

    /// Judges a refusal; `nil` stands for success.
    init(_ refusal: Errno?, absentIf absent: Set<CInt>) {
        switch refusal {
        case nil: self = .attached
        case .some(let error): self = absent.contains(error.rawValue) ? .absent : .refused(error)
        }
    }

    /// What bpf(2) says to an attach type that it does not know, or that is not compiled in: `EINVAL`, `EOPNOTSUPP`, `ENOTSUPP`.
    static let bpf: Set<CInt> = [
        Errno.invalidArgument.rawValue, Errno.notSupportedOnSocket.rawValue, Errno.unsupportedByVerifier.rawValue,
    ]
    /// What rtnetlink says to a kind that it does not know: `ENOENT`, `EOPNOTSUPP`.
    static let netlink: Set<CInt> = [Errno.noSuchFileOrDirectory.rawValue, Errno.notSupportedOnSocket.rawValue]
    /// What perf_event_open(2) says to an event that nobody offers: `ENOENT`, `ENOSYS`, `EOPNOTSUPP`.
    static let perf: Set<CInt> = netlink.union([Errno.noFunction.rawValue])

    /// What the outcome says of the kernel.
    ///
    /// - Parameters:
    ///   - privileges: What the process may do.
    ///   - capabilities: What attaching takes.
    /// - Returns: The answer, with the reason where it is neither yes nor no.
    func answer(_ privileges: Privileges, needing capabilities: [Capability]) -> ProbeAnswer {
        switch self {
        case .attached: .supported
        case .absent: .absent
        case .refused(.notPermitted), .refused(.permissionDenied):
            .denied(privileges.reasonForRefusal(needing: capabilities))
        case .refused(let error): .inconclusive(error.named)
        case .outOfReach(let reason): .denied(reason)
        case .untried(let reason): .inconclusive(reason)
        }
    }

    /// The outcome of two ways to the same attach point: the better one, the first where neither is better.
    static func either(_ first: AttachOutcome, _ second: AttachOutcome?) -> AttachOutcome {
        guard let second, first != .attached else { return first }
        // An absent link says nothing about a way that does without links.
        return first == .absent || second == .attached ? second : first
    }
}
