import LibBPF

/// What is known of a function's instructions besides what stands in them.
struct ReachabilityContext {
    /// What the symbol of a 64-bit constant stands for.
    enum Meaning {
        /// Data that user space sets before loading.
        case settings
        /// Something that the kernel does not have, so that the constant becomes 0.
        case absent
        case other
    }

    let body: FunctionBody
    let file: ELFFile
    /// What relocations come to on a kernel; `nil` where no kernel was chosen.
    let resolutions: CoreResolutions?
    /// Places of tests for existence, in bytes from the section's beginning.
    let tests: Set<UInt64>
    /// Names of `__kconfig` variables.
    let settings: Set<String>
    /// Names of symbols that the kernel lacks.
    let absent: Set<String>

    /// Whether libbpf or the lack of a function makes an instruction invalid: no path leads on from there.
    func isInvalid(_ index: Int) -> Bool {
        if case .missing = resolutions?.at(index, of: body)?.outcome { return true }
        let instruction = body.instructions[index]
        guard instruction.isCall, instruction.source != 0, let symbol = symbolAt(index) else { return false }
        return symbol.isUndefined && absent.contains(symbol.name)
    }

    /// The value that a relocation puts in.
    func value(_ index: Int) -> (number: UInt64, isTest: Bool)? {
        guard let found = resolutions?.at(index, of: body), case .resolved(let patch) = found.outcome,
            patch.part != .offset
        else { return nil }
        return (patch.value, found.relocation.kind.isTest)
    }

    /// Whether an instruction gets the answer of a test that is not known.
    func isTest(_ index: Int) -> Bool { tests.contains(body.offset + UInt64(index) * 8) }

    func symbol(_ index: Int) -> Meaning? {
        guard let symbol = symbolAt(index) else { return nil }
        if symbol.isUndefined {
            if settings.contains(symbol.name) { return .settings }
            return absent.contains(symbol.name) ? .absent : .other
        }
        guard file.sections.indices.contains(symbol.section) else { return .other }
        let name = file.sections[symbol.section].name
        // Constants that user space may set before loading; texts are no such thing.
        let isConstant = name.hasPrefix(".rodata") && !name.hasPrefix(".rodata.str")
        return isConstant ? .settings : .other
    }

    private func symbolAt(_ index: Int) -> ELFFile.Symbol? {
        file.references[body.section]?[body.offset + UInt64(index) * 8]
    }
}
