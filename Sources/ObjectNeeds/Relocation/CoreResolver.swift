import LibBPF

/// Resolves an object's relocations against the types of a kernel, as libbpf does when it loads the object there.
struct CoreResolver {
    let local: TypeTable
    let target: TypeTable
    /// The kernel in messages, such as `Linux 6.1`.
    let kernel: String
    /// Types that are still asked for each of the object's types: those that fitted once are the only ones from then on.
    private var candidates: [UInt32: [UInt32]] = [:]

    init(local: TypeTable, target: TypeTable, kernel: String) {
        self.local = local
        self.target = target
        self.kernel = kernel
    }

    /// Resolves all relocations, in the order of the file.
    ///
    /// Those of functions that are not there any more (a linker drops weak ones) are left out.
    mutating func resolve(_ relocations: [CoreRelocation], in bodies: [FunctionBody]) -> [CoreResolution] {
        let sections = Dictionary(grouping: bodies, by: \.sectionName)
        return relocations.compactMap { relocation in
            let body = sections[relocation.section]?.first { body in
                relocation.offset >= body.offset
                    && relocation.offset < body.offset + UInt64(body.instructions.count) * 8
            }
            guard let body else { return nil }
            let index = Int(relocation.offset - body.offset) / 8
            let (subject, outcome) = resolve(relocation, at: index, of: body)
            return CoreResolution(
                relocation: relocation,
                function: body.name,
                instruction: index,
                subject: subject,
                outcome: outcome
            )
        }
    }

    private mutating func resolve(
        _ relocation: CoreRelocation,
        at index: Int,
        of body: FunctionBody
    ) -> (subject: String, CoreResolution.Outcome) {
        var subject = local.words(for: relocation.type)
        do throws(CoreFailure) {
            guard relocation.offset % 8 == 0, local.record(relocation.type) != nil else { throw .damaged }
            let spec = try CoreSpec(relocation, in: local)
            subject = spec.words(relocation, in: local)
            let fit = try fit(relocation, spec)
            let isWide = body.instructions[index].isWide
            guard let found = fit.answer else {
                return (subject, .missing(CoreAbsence(resolver: self).words(relocation, spec), isWide: isWide))
            }
            let patching = CorePatching(original: fit.original, found: found, isResizable: fit.isResizable)
            guard let patch = try patching.patch(body.instructions, at: index) else {
                let reason = "\(subject): \(kernel) has it with another size or sign, which this access cannot read"
                return (subject, .missing(reason, isWide: false))
            }
            return (subject, .resolved(patch))
        } catch {
            return (subject, .refused("\(subject): \(words(for: error))"))
        }
    }

    /// What a relocation comes to: the answer for the object's own types, the one for the kernel's, which is `nil` where the
    /// instruction becomes invalid, and whether an access of another size reads the same value.
    private typealias Fit = (original: CoreValues.Answer, answer: CoreValues.Answer?, isResizable: Bool)

    private mutating func fit(_ relocation: CoreRelocation, _ spec: CoreSpec) throws(CoreFailure) -> Fit {
        let kind = relocation.kind
        guard let original = try CoreValues.answer(kind, spec, in: local) else { throw .damaged }
        if kind == .typeIDLocal { return (original, original, true) }
        let names = try searched(relocation.type)
        var matching = CoreMatching(local: local, target: target)
        var fitting: [UInt32] = []
        var first: (spec: CoreSpec, answer: CoreValues.Answer?)?
        for candidate in names {
            guard let found = try matching.match(spec, kind, candidate: candidate) else { continue }
            let answer = try CoreValues.answer(kind, found, in: target)
            fitting.append(candidate)
            guard let earlier = first else {
                first = (found, answer)
                continue
            }
            guard earlier.spec.bitOffset == found.bitOffset else {
                throw .ambiguous(
                    "at \(earlier.spec.bitOffset / 8) bytes or at \(found.bitOffset / 8), in types \(fitting.first ?? 0) and \(candidate)"
                )
            }
            guard earlier.answer?.value == answer?.value else {
                throw .ambiguous("\(earlier.answer?.value ?? 0) or \(answer?.value ?? 0)")
            }
        }
        if !fitting.isEmpty { candidates[relocation.type] = fitting }
        let answer: CoreValues.Answer?
        if let first { answer = first.answer } else { answer = try CoreValues.answer(kind, nil, in: target) }
        return (original, answer, answer.map { isResizable(original, $0) } ?? true)
    }

    private mutating func searched(_ type: UInt32) throws(CoreFailure) -> [UInt32] {
        if let known = candidates[type] { return known }
        guard let record = local.record(type) else { throw .damaged }
        let name = local.name(at: record.nameOffset)
        guard !name.isEmpty else { throw .anonymous }
        let found = target.candidates(FlavouredName.essential(name)).filter { number in
            target.record(number).map { $0.isKind(of: record) } ?? false
        }
        candidates[type] = found
        return found
    }

    /// Whether a load of the kernel's size reads the same value: pointers, and integers without a sign.
    private func isResizable(_ mine: CoreValues.Answer, _ theirs: CoreValues.Answer) -> Bool {
        guard mine.size != theirs.size else { return true }
        guard let left = local.record(mine.type), let right = target.record(theirs.type) else { return false }
        if left.kind == .pointer, right.kind == .pointer { return true }
        guard let inner = local.integer(left), let outer = target.integer(right) else { return false }
        return inner.encoding != 1 && outer.encoding != 1
    }

    private func words(for failure: CoreFailure) -> String {
        switch failure {
        case .damaged: "the object's types contradict themselves"
        case .damagedTarget: "the types of \(kernel) contradict themselves"
        case .tooDeep: "the types are nested too deep"
        case .anonymous: "the type has no name to search for in \(kernel)"
        case .ambiguous(let values): "\(kernel) has several types of this name, and they differ: \(values)"
        case .wideBitField: "no load of 64 bits can take this bit field of \(kernel)"
        case .elementOfArray: "this cannot be asked of an element of an array"
        case .instruction(let what): what
        }
    }
}
