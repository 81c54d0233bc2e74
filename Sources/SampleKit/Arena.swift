public import LibBPF
public import LinuxHost

/// The private corner of the machine that one sample runs in.
///
/// It is borrowed, so that a sample cannot keep it. Whatever a sample makes in it is gone when its process ends.
public struct Arena: ~Copyable {
    /// A cgroup of the sample's own, which its process is in.
    public let cgroup: ControlGroup
    /// A tracefs that is mounted for the sample alone.
    public let tracing: TraceFilesystem
    /// Whether this is a control run, in which the stimulus is withheld.
    public let isControl: Bool

    private let kern: KernHalf

    /// Creates an arena for a process that is in its namespaces and cgroup already.
    public init(
        _ kern: KernHalf,
        cgroup: ControlGroup,
        tracing: TraceFilesystem,
        isControl: Bool
    ) {
        self.kern = kern
        self.cgroup = cgroup
        self.tracing = tracing
        self.isControl = isControl
    }

    /// Whether this run has kern objects; if not, the manifest's instructions stand in for them.
    public var hasObjects: Bool { !kern.objects.isEmpty }

    /// Opens a kern object of the sample; nothing is loaded yet.
    ///
    /// - Parameters:
    ///   - name: Which of several, by its source's name without `_kern.c`, `.bpf.c` or `.c` (`KernFile.name`); the only
    ///     one, or the first, where none is named.
    ///   - functions: Functions of the kernel that only programs call which the sample leaves out.
    /// - Returns: The object, whose programs and maps can still be changed.
    /// - Throws: `ObjectMismatch` where the sample has no such object, `ObjectError` where libbpf cannot read it.
    public func openObject(_ name: String? = nil, without functions: Set<String> = []) throws -> OpenedObject {
        guard let object = kern.objects.first(where: { name == nil || $0.file.name == name }) else {
            throw ObjectMismatch("the manifest names no kern file \(name.map { "'\($0)'" } ?? "at all")")
        }
        return try OpenedObject(object.bytes, name: object.file.object, without: functions)
    }

    /// Opens and loads a kern object of the sample as it is.
    ///
    /// - Parameter name: Which of several; see ``openObject(_:without:)``.
    /// - Returns: The object, in the kernel until it ends.
    /// - Throws: `ObjectMismatch` where the sample has no such object, `ObjectError` where libbpf or the kernel refuses it.
    public func loadObject(_ name: String? = nil) throws -> LoadedObject {
        try openObject(name).load()
    }

    /// Makes the maps and loads the programs of a sample whose kern half is instructions.
    ///
    /// - Parameters:
    ///   - parameters: What the programs' parameters stand for, such as the number of an interface.
    ///   - capacities: How many entries maps can hold that only a run knows it of, by the maps' names.
    /// - Returns: What is in the kernel until it ends.
    /// - Throws: `ObjectMismatch` where the manifest has no instructions, or they name what is not there; `ObjectError` where the
    ///   kernel refuses them.
    public func loadInstructions(
        parameters: [Int64] = [],
        capacities: [String: UInt32] = [:]
    ) throws -> LoadedInstructions {
        guard let instructions = kern.instructions else { throw ObjectMismatch("the manifest has no instructions") }
        return try instructions.load(
            parameters: parameters,
            capacities: capacities,
            name: "the sample's instructions"
        )
    }

    /// Applies the sample's stimulus, or withholds it in a control run.
    ///
    /// Everything that makes the kern half do something belongs in here, and nothing else.
    public func stimulate<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
        if !isControl { try body() }
    }
}
