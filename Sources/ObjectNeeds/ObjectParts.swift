import FileBytes

/// An object taken apart: all that can be asked of it without knowing what it is for.
struct ObjectParts {
    let file: ELFFile
    let bodies: [FunctionBody]
    let types: TypeTable?
    let relocations: CoreRelocations?

    /// - Throws: ``ObjectReadError``, for any bytes at all.
    init(of bytes: [UInt8]) throws(ObjectReadError) {
        let file = try ELFFile(bytes)
        let untyped = file.untypedFunctions
        guard untyped.isEmpty else { throw .untypedFunctions(untyped) }
        if let index = file.sections.firstIndex(where: { $0.name == "maps" && ($0.data?.count ?? 0) > 0 }) {
            throw .legacyMaps(
                file.symbols.filter { $0.section == index && !$0.name.isEmpty && $0.kind != 3 }.map(\.name)
            )
        }
        self.file = file
        bodies = try FunctionBody.all(in: file)
        let types = try file.section(named: ".BTF")?.data.map { data throws(ObjectReadError) in try TypeTable(data) }
        self.types = types
        // libbpf loads an object of maps, data or operations alone; a single function in .text it takes for a program of no type.
        let holdsMore = [".maps", ".data", ".rodata", ".bss", ".struct_ops", ".struct_ops.link"].contains {
            types?.variables(ofSection: $0).isEmpty == false
        }
        guard bodies.contains(where: \.isProgram) || holdsMore && bodies.count != 1 else { throw .noProgram }
        if let types, let data = file.section(named: ".BTF.ext")?.data {
            relocations = try CoreRelocations(data, types)
        } else {
            relocations = nil
        }
    }

    func resolutions(against target: TypeTable, kernel: String) -> [CoreResolution] {
        guard let types, let relocations else { return [] }
        var resolver = CoreResolver(local: types, target: target, kernel: kernel)
        return resolver.resolve(relocations.all, in: bodies)
    }
}
