import FeatureRules

/// What a chosen kernel's types say of an object's needs.
extension Inference {
    /// Adds what a row of the table demands; where the kernel's types tell whether the thing is there, its version is not
    /// asked: distributions add newer features to old versions.
    mutating func add(_ row: RuleTable.Row, for feature: String, _ origin: Origin, isThere: Bool?) {
        guard let target, let isThere else {
            collector.add(row, for: feature, origin)
            return
        }
        let reason = isThere ? "\(target.kernel) has it" : "\(target.kernel) has no \(feature)"
        collector.add(.fact(isThere, reason), for: feature, origin)
        collector.add(row, for: feature, origin, withVersion: false)
    }

    /// Adds whether what a program attaches to is there.
    mutating func addTarget(of program: ObjectProgram, stem: String, _ origin: Origin) {
        guard let target, let name = program.target, let found = target.attachment(stem: stem, target: name) else {
            return
        }
        let feature = (found.isForLoading ? "" : "attach ") + program.plainSection
        if found.isThere {
            collector.add(.fact(true, "\(target.kernel) has the \(found.words)"), for: feature, origin)
        } else {
            let reason = "\(target.kernel) has no \(found.words) (in vmlinux; the types of its modules were not read)"
            collector.add(.fact(false, reason), for: feature, origin)
        }
    }

    /// Adds whether a function or variable of the kernel is there.
    ///
    /// - Returns: Whether the types tell.
    mutating func addFound(_ name: String, for feature: String, _ origin: Origin) -> Bool {
        guard let target else { return false }
        if let reason = lacking[name] {
            collector.add(.fact(false, reason), for: feature, origin)
        } else {
            collector.add(.fact(true, "\(target.kernel) has it"), for: feature, origin)
        }
        return true
    }

    /// Adds the strong symbols that the kernel lacks: libbpf refuses the object for them, used or not.
    mutating func addUnreachedExterns() {
        guard target != nil else { return }
        for name in lacking.keys.sorted() where !weak.contains(name) {
            let origin = Origin(place: "symbol '\(name)' (SEC \".ksyms\")")
            collector.add(.fact(false, lacking[name] ?? ""), for: "kernel symbol \(name)", origin)
        }
    }

    /// Adds that a program does not say which of the kernel's functions, or which other program, it belongs to; libbpf loads it
    /// only when somebody has told it.
    mutating func addOpenTarget(of program: ObjectProgram, _ origin: Origin) {
        guard target != nil, !program.isOptional else { return }
        let reason: String
        switch program.type {
        case "EXT": reason = "it replaces a function of another program, which who loads it must name"
        case "TRACING", "LSM":
            guard program.target == nil else { return }
            reason = "its section does not say what it attaches to, so that who loads it must"
        default: return
        }
        collector.add(.unknown(reason), for: "section \(program.plainSection)", origin)
    }

    /// Adds symbols that nothing defines and that no section says where to search for: libbpf refuses the object.
    mutating func addStrayExterns() {
        let known = Set((types?.contents(ofSection: ".ksyms") ?? []).map(\.name)).union(settings)
        for symbol in file.symbols
        where symbol.isUndefined && !symbol.isLocal && symbol.kind == 0 && !symbol.name.isEmpty {
            guard !known.contains(symbol.name) else { continue }
            let reason = "a definition of '\(symbol.name)', or a declaration in SEC(\".ksyms\") or SEC(\".kconfig\")"
            collector.add(.impossible(reason), for: "symbol \(symbol.name)", Origin(place: "symbol '\(symbol.name)'"))
        }
    }

    /// Adds relocations of a function that come to nothing.
    mutating func addResolutions(
        of body: FunctionBody,
        _ uses: FunctionUses,
        in program: ObjectProgram,
        isGuarded: Bool
    ) {
        guard let resolutions else { return }
        var fitting = 0
        for (index, isReached) in uses.reached.enumerated() {
            guard let resolution = resolutions.at(index, of: body) else { continue }
            let origin = Origin(
                place: program.place(body.name, at: index),
                isOptional: program.isOptional,
                isGuarded: isGuarded
            )
            switch resolution.outcome {
            case .resolved: fitting += 1
            case .missing(let reason, _):
                if isReached { collector.add(.fact(false, reason), for: "CO-RE", origin) }
            case .refused(let reason):
                // libbpf refuses the object even where no path leads to it.
                let origin = Origin(place: origin.place, isOptional: program.isOptional)
                collector.add(.fact(false, reason), for: "CO-RE", origin)
            }
        }
        if fitting > 0, let target {
            let origin = Origin(place: program.place(body.name), isOptional: program.isOptional)
            collector.add(.fact(true, "the relocations fit \(target.kernel)"), for: "CO-RE", origin)
        }
    }

    /// Adds whether programs can provide a struct of operations, and whether the kernel's struct has the members that are set.
    ///
    /// - Returns: Whether the types tell.
    mutating func addOperations(_ name: String, _ type: UInt32, _ section: String, _ origin: Origin) -> Bool {
        guard let target, let types else { return false }
        let plain = FlavouredName.essential(name)
        let feature = "struct_ops/\(plain)"
        guard target.has("bpf_struct_ops_\(plain)", .record), let theirs = target.types.id(of: plain, .record),
            let record = target.types.record(theirs)
        else {
            collector.add(
                .fact(false, "\(target.kernel) lets no program provide struct \(plain)"),
                for: feature,
                origin
            )
            return true
        }
        let names = Set(
            (0..<record.count).compactMap { target.types.member($0, of: record) }.map {
                target.types.string(at: $0.nameOffset) ?? ""
            }
        )
        for member in setMembers(of: type, section, types) where !names.contains(member) {
            let reason = "\(target.kernel)'s \(plain) has no member \(member)"
            collector.add(.fact(false, reason), for: feature, origin)
        }
        collector.add(.fact(true, "\(target.kernel) lets programs provide it"), for: feature, origin)
        return true
    }

    /// The members of a variable that hold programs.
    private func setMembers(of type: UInt32, _ section: String, _ types: TypeTable) -> [String] {
        guard let record = types.stripped(type), let number = file.sections.firstIndex(where: { $0.name == section })
        else {
            return []
        }
        let places = Set((file.references[number] ?? [:]).keys)
        let bases = file.symbols.filter { $0.section == number && $0.kind == 1 && $0.size == UInt64(record.sizeOrType) }
        return (0..<record.count).compactMap { types.member($0, of: record) }.filter { member in
            bases.contains { places.contains($0.value &+ UInt64(member.bitOffset / 8)) }
        }.map { types.string(at: $0.nameOffset) ?? "" }
    }
}
