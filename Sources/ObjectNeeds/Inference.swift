import FeatureRules
import RunModel

/// Goes from what an object holds to what it needs.
struct Inference {
    typealias Origin = NeedCollector.Origin

    let file: ELFFile
    let bodies: [FunctionBody]
    let types: TypeTable?
    let relocations: CoreRelocations?
    var collector: NeedCollector
    /// What each function uses, in the order of `bodies`.
    private let uses: [FunctionUses]
    private let numbers: [Place: Int]
    let kernelVariables: [String: UInt32]
    let settings: [String]
    let weak: Set<String>

    private struct Place: Hashable {
        let section: Int
        let offset: UInt64
    }

    init(
        file: ELFFile,
        bodies: [FunctionBody],
        types: TypeTable?,
        relocations: CoreRelocations?,
        collector: NeedCollector
    ) {
        self.file = file
        self.bodies = bodies
        self.types = types
        self.relocations = relocations
        self.collector = collector
        let variables = types?.contents(ofSection: ".ksyms").filter { !$0.isFunction } ?? []
        kernelVariables = Dictionary(variables.map { ($0.name, $0.type) }) { first, _ in first }
        let settings = types?.contents(ofSection: ".kconfig").map(\.name) ?? []
        self.settings = settings
        let places = bodies.enumerated().map { (Place(section: $1.section, offset: $1.offset), $0) }
        numbers = Dictionary(places) { first, _ in first }
        weak = Set(file.symbols.filter { $0.isUndefined && $0.isWeak }.map(\.name))
        uses = bodies.map { body in
            var uses = FunctionUses(of: body, in: file, existenceTests: relocations?.test(in: body) ?? false)
            let isTested = uses.externs.contains { settings.contains($0.name) }
            if isTested { uses.markGuarded() }
            return uses
        }
    }

    /// bpf(2) itself.
    mutating func addBasis(_ programs: [ObjectProgram]) {
        guard let first = programs.first else { return }
        collector.add(.option(OptionDemand(option: "CONFIG_BPF_SYSCALL")), for: "bpf(2)", Origin(place: first.place()))
    }

    mutating func addMaps(_ maps: [MapDefinition]) {
        for map in maps {
            let origin = Origin(place: "map '\(map.name)'")
            if let row = collector.table.row(.map, id: map.type) {
                collector.add(row, for: "map type \(row.name)", origin)
            } else {
                collector.add(.unknown("no such type is known"), for: "map type \(map.type)", origin)
            }
            for feature in map.valueFeatures { collector.add(feature: feature, origin) }
        }
    }

    mutating func addPrograms(_ programs: [ObjectProgram]) {
        for (program, index) in zip(programs, bodies.indices.filter { bodies[$0].isProgram }) {
            add(program)
            let reached = functions(reachedFrom: index)
            // Who cuts code off in one function may have put the test for it into another.
            let isGuarded = reached.contains { uses[$0].hasGuards }
            for function in reached {
                add(uses[function], of: bodies[function].name, in: program, isGuarded: isGuarded)
            }
            let tailCall = reached.contains { uses[$0].helpers.contains { $0.id == 12 } }
            if tailCall, reached.count > 1 {
                collector.add(
                    feature: "tail-calls-from-subprograms",
                    Origin(place: program.place(), isOptional: program.isOptional, isGuarded: isGuarded)
                )
            }
        }
    }

    private mutating func add(_ program: ObjectProgram) {
        let origin = Origin(place: program.place(), isOptional: program.isOptional)
        guard let type = program.type, let section = collector.table.section(program.plainSection) else {
            collector.add(
                .unknown("libbpf knows no such section, so the type is set by who loads it"),
                for: "section \(program.plainSection)",
                origin
            )
            return
        }
        if let row = collector.table.row(.program, type) { collector.add(row, for: "program type \(type)", origin) }
        let stem = section.name.hasSuffix("+") ? String(section.name.dropLast()) : section.name
        let feature = "attach \(stem)"
        var attaching = origin
        // An entry or exit without a target may be another program's, whose types do not come from the kernel.
        if type == "TRACING", program.target == nil, stem.hasPrefix("f") { attaching.isGuarded = true }
        collector.add(section, for: feature, attaching)
        collector.add(.attach(stem, section.options), for: feature, attaching)
        if type == "TRACEPOINT", program.target?.hasPrefix("syscalls/") == true {
            collector.add(feature: "syscall-tracepoint", origin)
        }
    }

    /// The functions that a program runs: itself, what it calls, and what is called back.
    private func functions(reachedFrom program: Int) -> [Int] {
        var reached: [Int] = []
        var seen: Set<Int> = []
        var pending = [program]
        while let next = pending.popLast() {
            guard seen.insert(next).inserted else { continue }
            reached.append(next)
            for callee in uses[next].callees {
                if let found = numbers[Place(section: callee.section, offset: callee.offset)] { pending.append(found) }
            }
        }
        return reached
    }
}
