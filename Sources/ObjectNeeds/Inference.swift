import FeatureRules
import RunModel

/// Goes from what an object holds to what it needs.
struct Inference {
    typealias Origin = NeedCollector.Origin

    let file: ELFFile
    let bodies: [FunctionBody]
    let types: TypeTable?
    let relocations: CoreRelocations?
    /// The kernel that the object is fitted to; `nil` for needs of any kernel.
    let target: TargetTypes?
    /// What the relocations come to there.
    let resolutions: CoreResolutions?
    /// Functions and typed variables that the kernel lacks, with what is wrong.
    let lacking: [String: String]
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

    init(_ parts: ObjectParts, target: TargetTypes?, collector: NeedCollector) {
        file = parts.file
        bodies = parts.bodies
        types = parts.types
        relocations = parts.relocations
        self.target = target
        self.collector = collector
        let resolutions = target.map {
            CoreResolutions(parts.resolutions(against: $0.types, kernel: $0.kernel))
        }
        self.resolutions = resolutions
        let lacking: [String: String] =
            if let target, let types { target.lacking(types.contents(ofSection: ".ksyms"), of: types) } else { [:] }
        self.lacking = lacking
        let variables = types?.contents(ofSection: ".ksyms").filter { !$0.isFunction } ?? []
        kernelVariables = Dictionary(variables.map { ($0.name, $0.type) }) { first, _ in first }
        let settings = types?.contents(ofSection: ".kconfig").map(\.name) ?? []
        self.settings = settings
        let places = parts.bodies.enumerated().map { (Place(section: $1.section, offset: $1.offset), $0) }
        numbers = Dictionary(places) { first, _ in first }
        weak = Set(parts.file.symbols.filter { $0.isUndefined && $0.isWeak }.map(\.name))
        uses = parts.bodies.map { body in
            let context = ReachabilityContext(
                body: body,
                file: parts.file,
                resolutions: resolutions,
                tests: parts.relocations?.tests(in: body.sectionName) ?? [],
                settings: Set(settings),
                absent: Set(lacking.keys)
            )
            return FunctionUses(of: body, in: parts.file, Reachability(of: body, context))
        }
    }

    /// bpf(2) itself.
    mutating func addBasis(_ programs: [ObjectProgram], _ maps: [MapDefinition]) {
        let place = programs.first?.place() ?? maps.first.map { "map '\($0.name)'" } ?? "the object"
        collector.add(.option(OptionDemand(option: "CONFIG_BPF_SYSCALL")), for: "bpf(2)", Origin(place: place))
    }

    mutating func addPrograms(_ programs: [ObjectProgram]) {
        for (program, index) in zip(programs, bodies.indices.filter { bodies[$0].isProgram }) {
            if bodies[index].isStatic {
                // libbpf refuses the object for it, also where nobody asks for the program.
                let reason = "a function that is not static: libbpf refuses static programs"
                collector.add(.impossible(reason), for: "program \(program.name)", Origin(place: program.place()))
            }
            add(program)
            let reached = functions(reachedFrom: index)
            // Who cuts code off in one function may have put the test for it into another.
            let isGuarded = reached.contains { uses[$0].hasGuards }
            for function in reached {
                add(uses[function], of: bodies[function].name, in: program, isGuarded: isGuarded)
                addResolutions(of: bodies[function], uses[function], in: program, isGuarded: isGuarded)
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
        guard let type = program.type else {
            collector.add(
                .unknown("libbpf knows no such section, so the type is set by who loads it"),
                for: "section \(program.plainSection)",
                origin
            )
            return
        }
        if let row = collector.table.row(.program, type) {
            let isThere = target?.enumeration("bpf_prog_type", names: "BPF_PROG_TYPE_\(type)")
            add(row, for: "program type \(type)", origin, isThere: isThere)
        }
        // Of an object for tc(8) only the type is known: where a program goes is for its user to say.
        guard let section = collector.table.section(program.plainSection) else { return }
        let stem = section.name.hasSuffix("+") ? String(section.name.dropLast()) : section.name
        let feature = "attach \(stem)"
        var attaching = origin
        // An entry or exit without a target may be another program's, whose types do not come from the kernel.
        if type == "TRACING", program.target == nil, stem.hasPrefix("f") { attaching.isGuarded = true }
        collector.add(section, for: feature, attaching)
        collector.add(.attach(stem, section.options), for: feature, attaching)
        addTarget(of: program, stem: stem, origin)
        addOpenTarget(of: program, origin)
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
