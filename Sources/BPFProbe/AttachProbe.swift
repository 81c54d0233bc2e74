import Glibc
import LibBPF
import LinuxHost
import RunModel
import SystemPackage

/// Attaches a program that lets everything pass to each attach point, in namespaces and a cgroup of its own, and detaches it.
///
/// A refusal with `EINVAL` counts as absence only where an attach type that no kernel has is refused in the same way.
struct AttachProbe: ~Copyable {
    /// A number that is no attach type on any kernel.
    private static let unknownAttachType: UInt32 = 0x7fff

    private let probe: TypeProbe
    private let lane: AttachPoint.Lane
    private var places: AttachPlaces
    /// What the kernel says to a link that cannot be: whether it has links, or why that is not known.
    private let links: AttachOutcome

    /// What a lane has found: the answer of an attach point, and the one for its link where that differs.
    struct Findings: Sendable {
        /// By the names of attach points.
        var points: [String: (attach: ProbeAnswer, link: ProbeAnswer?)] = [:]
        /// Whether structs of operations can be linked.
        var operations: ProbeAnswer?
        /// By the names of effects.
        var effects: [String: ProbeAnswer] = [:]

        /// Adds another lane's.
        mutating func merge(_ other: Findings) {
            points.merge(other.points) { first, _ in first }
            effects.merge(other.effects) { first, _ in first }
            operations = operations ?? other.operations
        }

        /// The answers in the order of ``AttachPoint/all``, ``LinkType/allCases`` and ``Effects/names``.
        func write(to report: inout ProbeReport) {
            let unasked = ProbeAnswer.inconclusive("not asked")
            report.attachPoints = AttachPoint.all.map { point in
                ProbedType(name: "attach:\(point.name)", answer: points[point.name]?.attach ?? unasked)
            }
            var tries: [LinkType: [ProbeAnswer]] = [.operations: operations.map { [$0] } ?? []]
            for point in AttachPoint.all {
                guard let type = point.linkType, let found = points[point.name] else { continue }
                tries[type, default: []].append(found.link ?? found.attach)
            }
            report.linkTypes = LinkType.allCases.map { type in
                ProbedType(name: type.name, answer: LinkType.answer(from: tries[type] ?? []))
            }
            report.effects = Effects.names.map { ProbedType(name: $0, answer: effects[$0] ?? unasked) }
        }
    }

    /// Moves the calling thread into other namespaces, where it stays.
    ///
    /// - Parameters:
    ///   - probe: Loads the programs.
    ///   - lane: What to ask for.
    ///   - links: What to believe of links, for a test of the ways without them; `nil` to ask the kernel.
    init(_ probe: consuming TypeProbe, _ lane: AttachPoint.Lane, believing links: AttachOutcome? = nil) {
        self.links = links ?? Self.askForLinks(probe)
        self.probe = probe
        self.lane = lane
        places = AttachPlaces(lane)
    }

    /// Asks for every attach point of the lane; whatever is attached is detached before the next one.
    mutating func run() -> Findings {
        var findings = Findings()
        for point in AttachPoint.all where point.lane == lane { findings.points[point.name] = ask(point) }
        switch lane {
        case .others:
            findings.operations = askForOperations()
            findings.effects[Effects.lsm] = LSMEffect.ask(probe)
        case .network: findings.effects[Effects.xdp] = XDPEffect.ask(probe, &places)
        case .code, .tracepoint: break
        }
        return findings
    }

    /// `EBADF` for an invalid descriptor means that there are links, `EINVAL` that there are none; a program of every kernel
    /// and an attach type of no kernel must be refused with `EINVAL`.
    private static func askForLinks(_ probe: borrowing TypeProbe) -> AttachOutcome {
        guard let refusal = RawLink.create(-1, to: 0, attachType: 0).refusal else {
            return .untried("a link of no program is made")
        }
        guard refusal == .badFileDescriptor else { return AttachOutcome(refusal, absentIf: [EINVAL]) }
        guard let filter = probe.load(RawProgram(type: .socketFilter), TypeProbe.bare).descriptor() else {
            return .untried("a program of every kernel does not load")
        }
        let unknown = RawLink.create(filter.number, to: 0, attachType: unknownAttachType).refusal
        return unknown == .invalidArgument ? .attached : .untried("an attach type of no kernel is not refused")
    }

    /// A map of operations that may be linked is refused for its type, which is none, where the kernel has such links.
    private func askForOperations() -> ProbeAnswer {
        let refusal = RawMap(type: 26, flags: 1 << 13, kernelValueType: 1).create().refusal  // BPF_F_LINK
        let plain = RawMap(type: 26, kernelValueType: 1).create().refusal
        guard refusal != .unsupportedByVerifier else { return .supported }
        let outcome =
            plain == .unsupportedByVerifier || plain == .invalidArgument
            ? AttachOutcome(refusal, absentIf: [EINVAL]) : .refused(plain ?? .invalidArgument)
        return outcome.answer(probe.privileges, needing: [.bpf, .perfmon])
    }

    /// The answer for an attach point, and the one for its link where that differs.
    private mutating func ask(_ point: AttachPoint) -> (attach: ProbeAnswer, link: ProbeAnswer?) {
        let pair = ProgramKind.allForms.first { kind, form in
            kind.number == point.programType && (kind.forms.count == 1 || form.attachType?.number == point.loadedFor)
        }
        guard let (kind, form) = pair else { return (.inconclusive("no such program type"), nil) }
        var program: RawProgram
        switch probe.request(kind, form) {
        case .success(let request): program = request
        // The program type's own answer says whether the kernel lacks more than its type information.
        case .failure: return (probe.ask(kind, form), nil)
        }
        if form.target == nil { program.attachType = point.loadedFor }
        let code: [Instruction] = [.move(.r0, point.returns), .exit]
        let loaded = probe.load(program, code)
        if let refusal = loaded.refusal {
            // An attach type that a kernel with the program type refuses to load for is one that it does not know.
            let isUnknown = refusal == .invalidArgument && probe.log.isEmpty && probe.knowsUnknownPrograms
            let outcome = isUnknown ? AttachOutcome.absent : .refused(refusal)
            return (outcome.answer(probe.privileges, needing: kind.capabilities), nil)
        }
        guard let descriptor = loaded.descriptor() else { return (.inconclusive("no program"), nil) }
        let (outcome, link) = attach(descriptor.number, point)
        let capabilities = kind.capabilities + (kind.capabilities == [.bpf] && point.isOfNetwork ? [.netAdmin] : [])
        return (
            outcome.answer(probe.privileges, needing: capabilities),
            link?.answer(probe.privileges, needing: capabilities)
        )
    }

    private mutating func attach(_ program: CInt, _ point: AttachPoint) -> (AttachOutcome, link: AttachOutcome?) {
        switch point.way {
        case .rawTracepoint(let name):
            let attached = RawLink.open(program, rawTracepoint: name)
            let outcome = AttachOutcome(attached.refusal, absentIf: AttachOutcome.bpf)
            guard let descriptor = attached.descriptor() else { return (outcome, outcome) }
            return (outcome, Self.check(descriptor, is: point.linkType, else: links == .attached ? .attached : .absent))
        case .link(let type, let target, let otherwise):
            let (link, older) = attach(program, type, target, otherwise, point)
            return (AttachOutcome.either(link, older), link)
        case .older(let way): return (attach(program, by: way), nil)
        }
    }

    /// Whether a link is of the type that it should be; an older kernel does not say.
    private static func check(
        _ link: borrowing OwnedDescriptor,
        is type: LinkType?,
        else silent: AttachOutcome
    ) -> AttachOutcome {
        guard let found = RawLink.type(of: link.number) else { return silent }
        return found == type?.rawValue ? .attached : .untried("the kernel made a link of type \(found)")
    }

    /// What became of a link, and of the way without one where that was taken or proved by the link.
    private mutating func attach(
        _ program: CInt,
        _ type: UInt32,
        _ target: AttachPoint.Target,
        _ otherwise: AttachPoint.OlderWay?,
        _ point: AttachPoint
    ) -> (AttachOutcome, AttachOutcome?) {
        let made: AttachTarget
        do { made = try places.target(target) } catch { return (error.outcome, nil) }
        var link = links
        if links == .attached {
            let answer = RawLink.create(program, to: made.number, attachType: type, rest: made.rest)
            link = AttachOutcome(answer.refusal, absentIf: AttachOutcome.bpf)
            if let descriptor = answer.descriptor() {
                return (Self.check(descriptor, is: point.linkType, else: .attached), .attached)
            }
        }
        switch otherwise {
        case nil: return (link, nil)
        case .attachment:
            let number = target == .network ? 0 : CInt(made.number)
            let refusal = RawAttachment.attachAndDetach(program, to: number, attachType: type)
            return (link, AttachOutcome(refusal, absentIf: AttachOutcome.bpf))
        case .event: return (link, made.run(program))
        case .some(let way): return (link, attach(program, by: way))
        }
    }

    private mutating func attach(_ program: CInt, by way: AttachPoint.OlderWay) -> AttachOutcome {
        switch way {
        case .socket, .reusePort: places.attach(program, toSocketBy: way)
        case .deviceEntry: places.attach(program, toEntryOf: 14)
        case .processorEntry: places.attach(program, toEntryOf: 16)
        default: places.attach(program, toNetworkBy: way)
        }
    }
}
