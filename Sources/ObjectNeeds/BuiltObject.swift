import LibBPF
public import RunModel

/// What stands in an object that a compiler has made: the check after a build, without loading.
///
/// A pure function of the bytes. An object that cannot be read, or that holds no program, is an error and never a built one: the
/// kernel's own make counts empty objects as built.
public struct BuiltObject: Sendable {
    /// The programs, in the order of the file.
    public let programs: [Program]
    /// The maps, in BTF's order.
    public let maps: [MapDefinition]
    /// Whether the maps are defined in the form that libbpf 1.0 dropped; this project's loader converts them.
    public let hasLegacyMaps: Bool
    /// Instructions of all functions, those that programs call included.
    public let instructions: Int
    /// How many types `.BTF` describes; `nil` for an object without it, which was built without `-g`.
    public let types: Int?
    /// How many places libbpf fits to the kernel's types (CO-RE).
    public let relocations: Int
    /// What the object needs of any kernel.
    public let needs: ObjectNeeds
    /// Functions of a C library that the compiler has left calls to, such as `memcmp`.
    ///
    /// Nothing defines them, and libbpf refuses the object everywhere. Newer compilers write such code out.
    public let libraryCalls: [String]

    /// What compilers call of their own accord (GCC's and LLVM's freestanding environments need these).
    private static let library: Set = ["bcmp", "memcmp", "memcpy", "memmove", "memset", "strlen"]

    /// A program of an object.
    public struct Program: Sendable, Hashable {
        /// The function's name.
        public let name: String
        /// The section's name.
        public let section: String
        /// The type in the kernel's words, such as `XDP`; `nil` for a section that no loader knows.
        public let type: String?
        /// Its own instructions, a constant of 64 bits counted twice as the kernel counts it.
        public let instructions: Int
    }

    /// Checks an object.
    ///
    /// - Parameter bytes: The bytes of its ELF file.
    /// - Throws: ``ObjectReadError``, for any bytes at all: what is damaged, that there is no program, or maps that have no new
    ///   form.
    public init(of bytes: [UInt8]) throws(ObjectReadError) {
        let needs = try ObjectNeeds(of: bytes)
        let parts = try ObjectParts(of: (try? LegacyObject.converted(bytes)) ?? bytes)
        let bodies = parts.bodies.filter(\.isProgram)
        guard !bodies.isEmpty else { throw .noProgram }
        programs = zip(needs.programs, bodies).map { program, body in
            Program(
                name: program.name,
                section: program.section,
                type: program.type,
                instructions: body.instructions.count
            )
        }
        maps = needs.maps
        hasLegacyMaps = needs.hasOldMaps
        instructions = parts.bodies.reduce(0) { $0 + $1.instructions.count }
        types = parts.types?.count
        relocations = parts.relocations?.all.count ?? 0
        self.needs = needs
        libraryCalls = needs.needs.compactMap { need in
            guard need.feature.hasPrefix("symbol "), case .impossible = need.demand else { return nil }
            return String(need.feature.dropFirst(7))
        }.filter(Self.library.contains)
    }

    /// The facts for a record or a person's tools.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "instructions": .integer(Int64(instructions)), "relocations": .integer(Int64(relocations)),
            "license": .string(needs.license), "legacy_maps": .bool(hasLegacyMaps),
            "programs": .array(
                programs.map { program in
                    .object([
                        "name": .string(program.name), "section": .string(program.section),
                        "type": .string(program.type ?? ""), "instructions": .integer(Int64(program.instructions)),
                    ])
                }
            ),
            "maps": .array(
                maps.map { .object(["name": .string($0.name), "type": .integer(Int64($0.type))]) }
            ),
        ]
        if let types { members["types"] = .integer(Int64(types)) }
        return .object(members)
    }
}
