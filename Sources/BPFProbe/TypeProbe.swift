import LibBPF
import LinuxHost
import RunModel
import SystemPackage

/// Asks the kernel for program types and map types, each by the smallest thing of its kind.
///
/// An `EINVAL` alone says little. It counts as absence only where a type that no kernel has is refused in the same way and
/// one that every kernel has is accepted: the canaries.
///
/// A probe belongs to one thread, since the verifier's log does; others begin from the same ``Knowledge``.
struct TypeProbe: ~Copyable {
    let knowledge: Knowledge
    let log: VerifierLog

    /// What was found out at the beginning.
    struct Knowledge: Sendable {
        let privileges: Privileges
        let targets: AttachTargets
        /// Whether an unknown program type is refused as the kernel's source has it: `EINVAL`, and nothing in the log.
        fileprivate(set) var knowsUnknownPrograms = false
        /// Whether an unknown map type is refused with `EINVAL`, and a hash map created.
        fileprivate(set) var knowsUnknownMaps = false
        /// How much the verifier has to say for its refusals to be told apart.
        fileprivate(set) var logLevel = VerifierLog.Level.instructions
    }

    var privileges: Privileges { knowledge.privileges }
    var targets: AttachTargets { knowledge.targets }
    var knowsUnknownPrograms: Bool { knowledge.knowsUnknownPrograms }
    var knowsUnknownMaps: Bool { knowledge.knowsUnknownMaps }

    /// `r0 = 0; exit`.
    static let bare: [Instruction] = [.move(.r0, 0), .exit]

    /// Begins with what another probe has found out.
    init(knowing knowledge: Knowledge) {
        self.knowledge = knowledge
        log = VerifierLog(level: knowledge.logLevel)
    }

    /// Finds out how the kernel refuses what no kernel has.
    static func learn(privileges: Privileges, targets: AttachTargets) -> Knowledge {
        var knowledge = Knowledge(privileges: privileges, targets: targets)
        // The cheaper log will do where a load is not refused for it, and what is wrong is in it.
        let wrong: [Instruction] = [.move(.r0, 0), Instruction(code: 0x95, offset: 1), .exit]
        let cheap = VerifierLog(level: .errors)
        if RawProgram(type: .socketFilter).load(bare, log: cheap).refusal == nil,
            RawProgram(type: .socketFilter).load(wrong, log: cheap).refusal != nil, !cheap.isEmpty
        {
            knowledge.logLevel = .errors
        }
        let log = VerifierLog(level: knowledge.logLevel)
        let unknown = RawProgram(type: ProgramType(rawValue: ProgramKind.unknownNumber)).load(bare, log: log).refusal
        knowledge.knowsUnknownPrograms =
            unknown == .invalidArgument && log.isEmpty
            && RawProgram(type: .socketFilter).load(bare, log: log).refusal == nil
        knowledge.knowsUnknownMaps =
            RawMap(type: 1).create().refusal == nil
            && RawMap(type: MapKind.unknownNumber).create().refusal == .invalidArgument
        return knowledge
    }

    /// A load of a form; a refusal where the kernel's type information lacks what the form belongs to.
    func request(_ kind: ProgramKind, _ form: ProgramKind.Form) -> Result<RawProgram, AttachTargets.Missing> {
        targets.resolve(form).map { target in
            RawProgram(
                type: ProgramType(rawValue: kind.number),
                attachType: target.attachType ?? form.attachType?.number ?? 0,
                flags: form.flags,
                attachTarget: target.id,
                kernelVersion: kind.number == 2 ? targets.kernelVersion : 0
            )
        }
    }

    /// Loads, and once more after `EPERM` or `EAGAIN`: locked memory of closed programs comes back late before Linux 5.11.
    func load(_ program: RawProgram, _ instructions: [Instruction]) -> RawAnswer {
        let answer = program.load(instructions, log: log)
        guard let refusal = answer.refusal, refusal == .notPermitted || refusal == .resourceTemporarilyUnavailable
        else { return answer }
        return program.load(instructions, log: log)
    }

    /// Asks for a program type by one of its forms.
    func ask(_ kind: ProgramKind, _ form: ProgramKind.Form) -> ProbeAnswer {
        switch request(kind, form) {
        case .success(let program):
            let refusal = load(program, Self.bare).refusal
            return answer(to: refusal, kind, form)
        case .failure(let missing):
            // Any id takes the kernel as far as to say whether it knows the type at all.
            let program = RawProgram(
                type: ProgramType(rawValue: kind.number),
                attachType: form.attachType?.number ?? 0,
                attachTarget: 1
            )
            let refusal = load(program, Self.bare).refusal
            if refusal == .notPermitted { return answer(to: refusal, kind, form) }
            if targets.hasTypes, refusal == .invalidArgument, log.isEmpty, knowsUnknownPrograms { return .absent }
            return .inconclusive(missing.description)
        }
    }

    private func answer(to refusal: Errno?, _ kind: ProgramKind, _ form: ProgramKind.Form) -> ProbeAnswer {
        guard let refusal else { return .supported }
        switch refusal {
        case .notPermitted: return .denied(privileges.reasonForRefusal(needing: kind.capabilities))
        case .invalidArgument where log.isEmpty:
            return knowsUnknownPrograms ? .absent : .inconclusive("the canaries do not behave: \(refusal.named)")
        // The verifier was reached, and has refused what stands for another program.
        case .invalidArgument where form.target == .program: return .supported
        case .unsupportedByVerifier where kind.number == 27: return .supported
        default: return .inconclusive(VerifierText.summary(of: refusal, log.bytes))
        }
    }

    /// Asks for a map type.
    func ask(_ kind: MapKind) -> ProbeAnswer {
        let refusal: Errno?
        switch kind.ingredient {
        case nil, .kernelStruct: refusal = create(kind, inner: nil, types: nil)
        case .innerMap:
            guard let inner = RawMap(type: 1).create().descriptor() else { return inconclusive("an inner map", kind) }
            refusal = create(kind, inner: inner.number, types: nil)
        case .types:
            guard let types = try? RawMap.integerTypes() else { return inconclusive("type information", kind) }
            refusal = create(kind, inner: nil, types: types.number)
        }
        switch refusal {
        case nil: return .supported
        case .unsupportedByVerifier where kind.ingredient == .kernelStruct: return .supported
        case .invalidArgument where knowsUnknownMaps: return .absent
        case .notPermitted: return .denied(privileges.reasonForRefusal(needing: kind.capabilities))
        // Without the right to make a map that every kernel has, nothing tells what this refusal means.
        case .invalidArgument where !kind.capabilities.allSatisfy(privileges.has):
            return .denied(privileges.reasonForRefusal(needing: kind.capabilities))
        case .some(let other): return .inconclusive(other.named)
        }
    }

    private func inconclusive(_ ingredient: String, _ kind: MapKind) -> ProbeAnswer {
        kind.capabilities.allSatisfy(privileges.has)
            ? .inconclusive("the kernel refuses \(ingredient) that the map is made from")
            : .denied(privileges.reasonForRefusal(needing: kind.capabilities))
    }

    private func create(_ kind: MapKind, inner: CInt?, types: CInt?) -> Errno? {
        guard let refusal = kind.map.create(inner: inner, integerTypes: types).refusal else { return nil }
        guard refusal == .notPermitted else { return refusal }
        return kind.map.create(inner: inner, integerTypes: types).refusal
    }
}

extension Errno {
    /// `ENOTSUPP` (524) of the kernel's include/linux/errno.h, which no C library knows.
    static let unsupportedByVerifier = Errno(rawValue: 524)
}
