/// What came of one relocation against a kernel's types.
public struct CoreResolution: Sendable, Hashable {
    /// The relocation.
    public let relocation: CoreRelocation
    /// The function that it stands in.
    public let function: String
    /// Its instruction, counted from the function's beginning.
    public let instruction: Int
    /// What it asks for in C's words, such as `task_struct.pid`.
    public let subject: String
    /// What came of it.
    public let outcome: Outcome

    /// What can come of a relocation.
    public enum Outcome: Sendable, Hashable {
        /// The instruction gets a value in place of the compiler's.
        case resolved(Patch)
        /// Nothing fits, so that libbpf makes the instruction invalid: the kernel refuses it wherever the program can come to
        /// it. The text says what the kernel lacks; a constant of 64 bits takes two instructions.
        case missing(String, isWide: Bool)
        /// libbpf refuses the whole object; the text says why.
        case refused(String)
    }

    /// How an instruction is changed.
    public struct Patch: Sendable, Hashable {
        /// Which part of the instruction.
        public let part: Part
        /// What the object has there, and what it gets.
        public let original: UInt64, value: UInt64
        /// The bytes that the load or store moves, where they change.
        public let width: Width?

        /// The parts that can be changed.
        public enum Part: Sendable, Hashable {
            /// The constant of 32 bits.
            case immediate
            /// The offset of a load or store.
            case offset
            /// The constant of 64 bits.
            case wide
        }

        /// A change of a load's or store's size.
        public struct Width: Sendable, Hashable {
            /// Bytes in the object and on the kernel.
            public let original: UInt32, value: UInt32
        }
    }
}

extension CoreResolution {
    /// Resolves the CO-RE relocations of an object against the types of a kernel, without loading it.
    ///
    /// - Parameters:
    ///   - object: The bytes of the object's ELF file.
    ///   - types: The kernel's types.
    ///   - kernel: The kernel in messages, such as `Linux 6.1`.
    /// - Returns: A resolution a relocation, in the order of the file; empty for an object without any.
    /// - Throws: ``ObjectReadError``, for any bytes at all.
    public static func all(
        of object: [UInt8],
        against types: TypeTable,
        kernel: String
    ) throws(ObjectReadError) -> [CoreResolution] {
        let parts = try ObjectParts(of: object)
        return parts.resolutions(against: types, kernel: kernel)
    }
}

/// What an object's relocations come to against the types of one kernel, by the instructions' places.
struct CoreResolutions {
    let all: [CoreResolution]
    private let places: [Place: Int]

    private struct Place: Hashable {
        let section: String
        let offset: UInt64
    }

    init(_ all: [CoreResolution]) {
        self.all = all
        let pairs = all.enumerated().map { ($1.relocation.section, $1.relocation.offset, $0) }
        places = Dictionary(pairs.map { (Place(section: $0.0, offset: $0.1), $0.2) }) { _, last in last }
    }

    /// The resolution of an instruction.
    func at(_ index: Int, of body: FunctionBody) -> CoreResolution? {
        places[Place(section: body.sectionName, offset: body.offset + UInt64(index) * 8)].map { all[$0] }
    }
}
