import LinuxHost
import SystemPackage

/// A kern half that is no object: maps and programs that a user half hands to bpf(2) itself.
///
/// It is a value, which stands in the folder of its sample. Upstream writes the like as arrays of instructions in C.
public struct KernInstructions: Sendable, Hashable, Codable {
    /// A map.
    public struct Map: Sendable, Hashable, Codable {
        /// The name that the sample knows it by.
        public var name: String
        /// What it is.
        public var shape: MapShape

        /// Describes a map.
        public init(_ name: String, _ shape: MapShape) {
            self.name = name
            self.shape = shape
        }
    }

    /// A program.
    public struct Program: Sendable, Hashable, Codable {
        /// The name that the sample knows it by.
        public var name: String
        /// Its type.
        public var type: ProgramType
        /// Where it is going to be attached.
        public var attachType: AttachType
        /// What it does.
        ///
        /// Maps stand in it by their numbers: `.move(.r1, map: 0)` is the first of ``KernInstructions/maps``. Numbers that only
        /// a run knows stand in it as `.move(.r2, parameter: 0)`.
        public var body: [Instruction]

        /// Describes a program.
        public init(
            _ name: String,
            _ type: ProgramType,
            for attachType: AttachType = .unspecified,
            _ body: [Instruction]
        ) {
            self.name = name
            self.type = type
            self.attachType = attachType
            self.body = body
        }
    }

    /// The maps, by whose numbers programs name them.
    public var maps: [Map]
    /// The programs.
    public var programs: [Program]

    /// Describes a kern half.
    public init(maps: [Map] = [], programs: [Program] = []) {
        self.maps = maps
        self.programs = programs
    }

    /// Makes the maps and loads the programs, under the licence GPL.
    ///
    /// - Parameters:
    ///   - parameters: What the programs' parameters stand for, in their order.
    ///   - capacities: How many entries maps can hold that only a run knows it of, by the maps' names.
    ///   - name: What messages call it, such as the sample's name.
    /// - Returns: What is in the kernel until it ends.
    /// - Throws: ``ObjectError`` where the kernel refuses a map or a program, with the verifier's log; ``ObjectMismatch`` for a
    ///   program that names a map or parameter which is not there.
    public func load(
        parameters: [Int64] = [],
        capacities: [String: UInt32] = [:],
        name: String
    ) throws -> LoadedInstructions {
        let loaded = LoadedInstructions(name: name)
        for var map in maps {
            map.shape.capacity = capacities[map.name] ?? map.shape.capacity
            let shape = map.shape
            let raw = RawMap(
                type: shape.type.rawValue,
                keySize: shape.keySize,
                valueSize: shape.valueSize,
                maxEntries: shape.capacity,
                flags: shape.flags
            )
            switch raw.create() {
            case .made(let descriptor): loaded.contents.add(map, descriptor)
            case .refused(let errno):
                let cause = SystemCallError("bpf(BPF_MAP_CREATE)", on: "map '\(map.name)' of \(name)", errno: errno)
                throw ObjectError(phase: .load, cause: cause, log: [])
            }
        }
        let log = VerifierLog(capacity: 1 << 18)
        for program in programs {
            let body = try program.body.enumerated().map { index, instruction in
                try resolved(instruction, at: index, of: program, loaded, parameters)
            }
            let raw = RawProgram(type: program.type, attachType: program.attachType.rawValue)
            switch raw.load(body, log: log) {
            case .made(let descriptor): loaded.contents.add(program, descriptor)
            case .refused(let errno):
                let cause = SystemCallError("bpf(BPF_PROG_LOAD)", on: "'\(program.name)' of \(name)", errno: errno)
                let lines = String(decoding: log.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
                throw ObjectError(phase: .load, cause: cause, log: lines)
            }
        }
        return loaded
    }

    /// An instruction as the kernel takes it.
    private func resolved(
        _ instruction: Instruction,
        at index: Int,
        of program: Program,
        _ loaded: borrowing LoadedInstructions,
        _ parameters: [Int64]
    ) throws(ObjectMismatch) -> Instruction {
        var result = instruction
        let place = Int(instruction.immediate)
        if instruction.isWide, instruction.source == 1 {
            guard maps.indices.contains(place) else {
                throw ObjectMismatch("'\(program.name)' names map \(place) of \(maps.count)")
            }
            result.immediate = try loaded.map(maps[place].name).descriptor
        } else if instruction.isWide, instruction.source == Instruction.parameterSource {
            result = .move(try register(instruction), lowerHalfOf: try parameter(place, program, parameters))
        } else if index > 0, program.body[index - 1].isWide,
            program.body[index - 1].source == Instruction.parameterSource
        {
            let place = Int(program.body[index - 1].immediate)
            result = .upperHalf(of: try parameter(place, program, parameters))
        }
        return result
    }

    private func register(_ instruction: Instruction) throws(ObjectMismatch) -> Register {
        guard let register = Register(rawValue: instruction.destination) else {
            throw ObjectMismatch("there is no register \(instruction.destination)")
        }
        return register
    }

    private func parameter(_ place: Int, _ program: Program, _ all: [Int64]) throws(ObjectMismatch) -> UInt64 {
        guard all.indices.contains(place) else {
            throw ObjectMismatch("'\(program.name)' names parameter \(place) of \(all.count)")
        }
        return UInt64(bitPattern: all[place])
    }
}
