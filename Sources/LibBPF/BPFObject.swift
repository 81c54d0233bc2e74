import CLibbpf
import Glibc
import LinuxHost
import SystemPackage

/// A kern object that libbpf has opened and not yet loaded: its programs and maps can still be changed.
///
/// `load()` consumes it. The pointer to libbpf's object never leaves this module.
public struct OpenedObject: ~Copyable {
    /// The name that messages use, such as `sockex1_kern.o`.
    public let name: String
    /// Whether its maps were defined in the old form, and brought into the new one.
    public var hasOldMaps: Bool { owner.hasOldMaps }
    private let owner: ObjectOwner
    private let image: [UInt8]

    /// Opens an object from the bytes of its ELF file.
    ///
    /// Nothing is asked of the kernel.
    ///
    /// Programs whose section names libbpf 1.x does not know get the type that the kernel's old sample loader gave them, and
    /// maps that are defined in the old form (`SEC("maps")`) are brought into the new one; those of iproute2 are not pinned.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - name: What messages call it.
    ///   - functions: Functions of the kernel that only programs call which will not be loaded: where the kernel lacks one, the
    ///     others are loaded all the same.
    /// - Throws: ``ObjectError`` where libbpf cannot read the file, with libbpf's messages.
    public init(_ bytes: [UInt8], name: String, without functions: Set<String> = []) throws(ObjectError) {
        LibbpfLog.capture
        _ = LibbpfLog.take()
        var object: [UInt8]
        do {
            object = try LegacyObject.converted(bytes)
        } catch {
            let cause = SystemCallError("opening the object", on: name, errno: Errno(rawValue: EOPNOTSUPP))
            throw ObjectError(phase: .open, cause: cause, log: [error.reason])
        }
        let hasOldMaps = object != bytes
        if !functions.isEmpty, var image = ObjectImage(object) {
            image.weaken(functions)
            object = image.bytes
        }
        let isForTrafficControl = LegacyObject.isForTrafficControl(bytes)
        var options = bpf_object_open_opts()
        options.sz = MemoryLayout<bpf_object_open_opts>.size
        let opened = name.withCString { cName in
            options.object_name = cName
            return object.withUnsafeBytes { bpf_object__open_mem($0.baseAddress, $0.count, &options) }
        }
        do {
            owner = ObjectOwner(try require(opened, "bpf_object__open_mem", on: name), hasOldMaps: hasOldMaps)
        } catch {
            throw ObjectError(phase: .open, cause: error, log: LibbpfLog.take())
        }
        self.name = name
        image = bytes
        for program in programs where program.hasNoType {
            let entry = SectionTypes.entry(for: program.section)
            // tc(8) gives every program that it loads the same type.
            if let entry = entry ?? (isForTrafficControl ? SectionTypes.trafficControl : nil) { program.set(entry) }
        }
    }

    /// The object's programs, in the order of the file.
    ///
    /// Valid as long as the object.
    public var programs: [BPFProgram] {
        var found: [BPFProgram] = []
        var next = bpf_object__next_program(owner.raw, nil)
        while let program = next {
            found.append(BPFProgram(raw: program, object: name))
            next = bpf_object__next_program(owner.raw, program)
        }
        return found
    }

    /// The object's maps, in the order of the file; those that libbpf makes for sections of data are among them.
    ///
    /// Valid as long as the object.
    public var maps: [BPFMap] {
        var found: [BPFMap] = []
        var next = bpf_object__next_map(owner.raw, nil)
        while let map = next {
            found.append(BPFMap(raw: map, object: name))
            next = bpf_object__next_map(owner.raw, map)
        }
        return found
    }

    /// Why this program's libbpf cannot load the object although others can, for the middle of a message; `nil` where it can.
    ///
    /// Before version 1.4 it looks for the kernel's struct of an object's operations in types that it has read only for
    /// programs that need them, and crashes where there is none.
    public var loaderFault: String? {
        let needing: Set<UInt32> = [
            BPF_PROG_TYPE_STRUCT_OPS.rawValue, BPF_PROG_TYPE_TRACING.rawValue, BPF_PROG_TYPE_LSM.rawValue,
            BPF_PROG_TYPE_EXT.rawValue,
        ]
        guard (libbpf_major_version(), libbpf_minor_version()) < (1, 4),
            maps.contains(where: { $0.shape.type.rawValue == BPF_MAP_TYPE_STRUCT_OPS.rawValue }),
            !programs.contains(where: { needing.contains(bpf_program__type($0.raw).rawValue) })
        else { return nil }
        return
            "libbpf \(LibbpfVersion.text) cannot load operations (SEC(\".struct_ops\")) without a program; libbpf 1.4 and later can"
    }

    /// The object's type information; `nil` where it was built without `-g`.
    public var types: TypeInformation? {
        bpf_object__btf(owner.raw).map { TypeInformation(raw: $0) }
    }

    /// The lines of the source that a section's instructions came from, in their order; none for an object built without `-g`.
    ///
    /// A line is there as often as the compiler went back to it.
    public func sourceLines(ofSection section: String) -> [SourceLine] {
        SourceLine.all(inSection: section, of: image)
    }

    /// Loads programs and maps into the kernel.
    ///
    /// - Throws: ``ObjectError`` where the kernel or libbpf refuses, with libbpf's messages, the verifier's log included.
    public consuming func load() throws(ObjectError) -> LoadedObject {
        if let loaderFault {
            let cause = SystemCallError("bpf_object__load", on: name, errno: .notSupported)
            throw ObjectError(phase: .open, cause: cause, log: [loaderFault])
        }
        // Before loading: libbpf may free or rewrite the instructions then.
        let contexts = Dictionary(programs.map { ($0.name, context(of: $0)) }, uniquingKeysWith: { first, _ in first })
        let instructions = Dictionary(
            programs.map { ($0.name, $0.instructions) },
            uniquingKeysWith: { first, _ in first }
        )
        _ = LibbpfLog.take()
        do {
            try check(bpf_object__load(owner.raw), "bpf_object__load", on: name)
        } catch {
            throw ObjectError(phase: .load, cause: error, log: LibbpfLog.take())
        }
        return LoadedObject(name: name, owner: owner, contexts: contexts, instructions: instructions)
    }

    private func context(of program: BPFProgram) -> ProgramContext {
        ProgramContext(
            reads: ContextRead.all(in: program.instructions),
            declared: types?.context(ofFunction: program.name)
        )
    }
}

/// What a program expects of the context that it is called with.
public struct ProgramContext: Sendable, Hashable {
    /// The reads that it makes.
    public let reads: Set<ContextRead>
    /// The struct that its source declares the context to be; `nil` without type information.
    public let declared: TypeInformation.Record?

    /// Creates a description of what a program expects.
    public init(reads: Set<ContextRead>, declared: TypeInformation.Record?) {
        self.reads = reads
        self.declared = declared
    }
}

/// A kern object whose programs and maps are in the kernel.
///
/// They are freed when this value ends.
///
/// Programs, maps and type information taken from it are valid as long as it.
public struct LoadedObject: ~Copyable {
    /// The name that messages use.
    public let name: String
    private let owner: ObjectOwner

    /// What each program expects of its context, by the function's name.
    public let contexts: [String: ProgramContext]

    /// The instructions of each program as they stood in the object, by the function's name.
    public let instructions: [String: [Instruction]]

    fileprivate init(
        name: String,
        owner: ObjectOwner,
        contexts: [String: ProgramContext],
        instructions: [String: [Instruction]]
    ) {
        self.name = name
        self.owner = owner
        self.contexts = contexts
        self.instructions = instructions
        var map = bpf_object__next_map(owner.raw, nil)
        while let found = map {
            KernelObject.announce(.map, descriptor: bpf_map__fd(found))
            map = bpf_object__next_map(owner.raw, found)
        }
        var program = bpf_object__next_program(owner.raw, nil)
        while let found = program {
            let descriptor = bpf_program__fd(found)
            if descriptor >= 0 { KernelObject.announce(.program, descriptor: descriptor) }
            program = bpf_object__next_program(owner.raw, found)
        }
    }

    /// A program by its function's name.
    ///
    /// - Throws: ``ObjectMismatch`` if the object has none of that name.
    public func program(_ function: String) throws(ObjectMismatch) -> BPFProgram {
        guard let raw = bpf_object__find_program_by_name(owner.raw, function) else {
            throw ObjectMismatch("\(name) has no program '\(function)'")
        }
        return BPFProgram(raw: raw, object: name)
    }

    /// A map by its variable's name.
    ///
    /// - Throws: ``ObjectMismatch`` if the object has none of that name.
    public func map(_ variable: String) throws(ObjectMismatch) -> BPFMap {
        guard let raw = bpf_object__find_map_by_name(owner.raw, variable) else {
            throw ObjectMismatch("\(name) has no map '\(variable)'")
        }
        return BPFMap(raw: raw, object: name)
    }

    /// The object's type information; `nil` where it was built without `-g`.
    var types: TypeInformation? { bpf_object__btf(owner.raw).map { TypeInformation(raw: $0) } }

    /// The map that libbpf made for a section of data.
    func section(_ section: String) -> BPFMap? {
        var next = bpf_object__next_map(owner.raw, nil)
        while let raw = next {
            let map = BPFMap(raw: raw, object: name)
            if map.isSection(section) { return map }
            next = bpf_object__next_map(owner.raw, raw)
        }
        return nil
    }
}

/// Closes libbpf's object when nothing refers to it any more.
private final class ObjectOwner {
    let raw: OpaquePointer
    let hasOldMaps: Bool

    init(_ raw: OpaquePointer, hasOldMaps: Bool) {
        self.raw = raw
        self.hasOldMaps = hasOldMaps
    }

    deinit {
        bpf_object__close(raw)
    }
}
