import FeatureRules
import FileBytes
import LibBPF

/// What a BPF object needs of a kernel, read from its ELF file and BTF alone.
///
/// Nothing is loaded and nothing is asked of the kernel or of libbpf: equal bytes give equal needs. What stands in dead code
/// is counted too, since only the kernel's verifier would find out; see ``ObjectNeed/isGuarded``.
public struct ObjectNeeds: Sendable {
    /// The programs, in the order of the file.
    public let programs: [ObjectProgram]
    /// The maps of `SEC(".maps")`, in BTF's order.
    public let maps: [MapDefinition]
    /// The text of `SEC("license")`, empty where there is none.
    public let license: String
    /// Whether its maps are defined in a form that libbpf 1.0 and later refuse (`SEC("maps")`, plain numbers); they were read, and
    /// are loaded by this project, in the form that libbpf reads.
    public let hasOldMaps: Bool
    /// What is needed, options and versions of the same part next to each other.
    public let needs: [ObjectNeed]

    /// The most bytes that an object may have; large ones have two MiB.
    public static let mostBytes = 64 << 20

    /// Licences that the kernel takes for the GPL (include/linux/license.h).
    private static let compatible: Set = [
        "GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL",
    ]

    /// Reads an object.
    ///
    /// An object without BTF is no error. Maps in the old form are read as this project's loader brings them into the new one.
    ///
    /// - Throws: ``ObjectReadError``, for any bytes at all.
    public init(of bytes: [UInt8]) throws(ObjectReadError) {
        try self.init(of: bytes, table: .builtIn, fittedTo: nil)
    }

    /// Reads an object and fits it to the types of a kernel, as libbpf would when it loads the object there.
    ///
    /// What stands in code that the kernel's verifier cannot come to then is left out. What the types tell of is a need of
    /// the form ``ObjectNeed/Demand/fact(_:_:)``.
    ///
    /// - Throws: ``ObjectReadError``, for any bytes at all.
    public init(of bytes: [UInt8], fittedTo target: TargetTypes) throws(ObjectReadError) {
        try self.init(of: bytes, table: .builtIn, fittedTo: target)
    }

    init(of bytes: [UInt8], table: RuleTable, fittedTo target: TargetTypes?) throws(ObjectReadError) {
        // What cannot be converted is refused below, by what is wrong with it.
        let converted = (try? LegacyObject.converted(bytes)) ?? bytes
        hasOldMaps = converted != bytes
        // What tc(8) and this project's loader give the programs of iproute2's objects where their sections say nothing.
        let otherType = LegacyObject.isForTrafficControl(bytes) ? "SCHED_CLS" : nil
        let parts = try ObjectParts(of: converted)
        let file = parts.file
        let bodies = parts.bodies
        let types = parts.types
        programs = bodies.filter(\.isProgram).map {
            ObjectProgram(name: $0.name, section: $0.sectionName, otherType: otherType, table: table)
        }
        let reader = types.map { MapReader($0) }
        maps = reader?.maps ?? []
        license = file.section(named: "license")?.data?.string(at: 0) ?? ""
        var inference = Inference(
            parts,
            target: target,
            collector: NeedCollector(table: table, license: (Self.compatible.contains(license), license))
        )
        inference.addBasis(programs, maps)
        inference.addMaps(maps)
        if let reader { inference.addMapShapes(reader) } else { inference.addMissingTypes() }
        inference.addPrograms(programs)
        inference.addDeclarations()
        needs = inference.collector.all
    }

    /// The types of the programs in the kernel's words, without repetition and in order.
    public var programTypes: [String] { Set(programs.compactMap(\.type)).sorted() }

    /// The options that are needed whatever the kernel's version, alternatives left out.
    public var options: [String] {
        Set(
            needs.compactMap { need in
                guard !need.isOptional else { return nil }
                switch need.demand {
                case .option(let option): return option.hasRange ? nil : option.anyOf.first
                case .setting(let setting): return setting.isWeak ? nil : setting.option
                case .kernel, .attach, .impossible, .fact, .unknown: return nil
                }
            }
        ).sorted()
    }
}
