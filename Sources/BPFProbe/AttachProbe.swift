import RunModel
import Glibc
import LibBPF
import LinuxHost
import SystemPackage

/// Attaches a program that does nothing to each attach point, in a network namespace and a cgroup of its own, and detaches it.
///
/// A refusal with `EINVAL` counts as absence only where an attach type that no kernel has is refused in the same way.
enum AttachProbe {
    /// A number that is no attach type on any kernel.
    private static let unknownAttachType: UInt32 = 0x7fff
    private static let groupPrefix = "bpf-assay-probe-"

    /// Asks for every attach point; the calling thread is in another network namespace afterwards.
    ///
    /// The cgroup is empty and is removed again; one that a killed process has left is removed by the next probe.
    ///
    /// - Returns: An answer for each of ``AttachPoint/all``.
    static func run(_ probe: borrowing TypeProbe) -> [ProbedType] {
        // The namespace lives as long as the thread.
        let isPrivate = (try? NetworkNamespace().enter()) != nil
        let group = privateGroup()
        defer { try? group?.remove(deadline: Deadline(after: .seconds(2))) }
        let network = isPrivate ? try? OwnedDescriptor.open("/proc/thread-self/ns/net", O_RDONLY) : nil
        let cgroup = try? group?.open()
        let loopback = isPrivate ? try? Interface(named: "lo") : nil
        let places = Places(
            loopback: loopback.map { UInt32($0.index) },
            network: Self.number(network),
            cgroup: Self.number(cgroup)
        )
        let canaries = canariesBehave(probe)
        return AttachPoint.all.map { point in
            let answer = canaries ? ask(point, probe, places) : .inconclusive("the kernel has no links (Linux 5.7)")
            return ProbedType(name: "attach:\(point.name)", answer: answer)
        }
    }

    /// What there is to attach to, where it could be made.
    private struct Places {
        let loopback: UInt32?
        let network: UInt32?
        let cgroup: UInt32?
    }

    private static func number(_ descriptor: borrowing OwnedDescriptor?) -> UInt32? {
        switch descriptor {
        case .some(let descriptor): UInt32(descriptor.number)
        case .none: nil
        }
    }

    /// An empty cgroup below this process' own; those that dead probes have left are removed.
    private static func privateGroup() -> ControlGroup? {
        guard let own = try? ControlGroup.own() else { return nil }
        for child in own.children() {
            let name = child.path.split(separator: "/").last ?? ""
            guard name.hasPrefix(groupPrefix), let pid = pid_t(name.dropFirst(groupPrefix.count)) else { continue }
            if kill(pid, 0) != 0, errno == ESRCH { try? child.remove(deadline: Deadline(after: .zero)) }
        }
        let group = own.child("\(groupPrefix)\(getpid())")
        return (try? group.create()) != nil ? group : nil
    }

    private static func canariesBehave(_ probe: borrowing TypeProbe) -> Bool {
        guard RawLink.create(-1, to: 0, attachType: 0).refusal == .badFileDescriptor,
            let filter = probe.load(RawProgram(type: 1), TypeProbe.bare).descriptor()
        else { return false }
        return RawLink.create(filter.number, to: 0, attachType: unknownAttachType).refusal == .invalidArgument
    }

    private static func ask(_ point: AttachPoint, _ probe: borrowing TypeProbe, _ places: Places) -> ProbeAnswer {
        let pair = ProgramKind.allForms.first { kind, form in
            kind.number == point.programType && (kind.forms.count == 1 || form.attachType?.number == point.loadedFor)
        }
        guard let (kind, form) = pair, case .success(var program) = probe.request(kind, form) else {
            return .inconclusive("the kernel's type information lacks what the program belongs to")
        }
        if form.target == nil { program.attachType = point.loadedFor }
        let loaded = probe.load(program, TypeProbe.bare)
        if let refusal = loaded.refusal {
            // An attach type that a kernel with the program type refuses to load for is one that it does not know.
            let isUnknown = refusal == .invalidArgument && probe.log.isEmpty
            return isUnknown ? .absent : answer(to: refusal, point, kind, probe)
        }
        guard let descriptor = loaded.descriptor() else { return .inconclusive("no program") }
        guard let refusal = attach(descriptor.number, point.way, places) else {
            return .inconclusive("there is no private network namespace or cgroup to attach it in")
        }
        return answer(to: refusal == .success ? nil : refusal, point, kind, probe)
    }

    /// The kernel's refusal, ``success`` where it attached the program, or `nil` where there is nothing to attach it to.
    private static func attach(_ program: CInt, _ way: AttachPoint.Way, _ places: Places) -> Errno? {
        switch way {
        case .rawTracepoint(let name): RawLink.open(program, rawTracepoint: name).refusal ?? .success
        case .ownTracepoint: RawLink.open(program, rawTracepoint: nil).refusal ?? .success
        case .link(let type, let rest):
            // A hook of the network is the namespace's: never the host's.
            rest.isEmpty || places.network != nil
                ? RawLink.create(program, to: 0, attachType: type, rest: rest).refusal ?? .success : nil
        case .loopback(let type): link(program, places.loopback, type)
        case .network(let type): link(program, places.network, type)
        case .cgroup(let type): link(program, places.cgroup, type)
        }
    }

    private static func link(_ program: CInt, _ target: UInt32?, _ type: UInt32) -> Errno? {
        target.map { RawLink.create(program, to: $0, attachType: type).refusal ?? .success }
    }

    private static func answer(
        to refusal: Errno?,
        _ point: AttachPoint,
        _ kind: ProgramKind,
        _ probe: borrowing TypeProbe
    ) -> ProbeAnswer {
        switch refusal {
        case nil: .supported
        case .some(let error) where error.rawValue == point.refusalOfWrongTarget: .supported
        case .invalidArgument, .notSupported: .absent
        case .notPermitted, .permissionDenied:
            .denied(probe.privileges.reasonForRefusal(needing: kind.capabilities + [.netAdmin]))
        case .some(let other): .inconclusive(other.named)
        }
    }
}

extension Errno {
    /// No error.
    fileprivate static let success = Errno(rawValue: 0)
}
