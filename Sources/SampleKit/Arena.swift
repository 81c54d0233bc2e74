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

    private let objectName: String
    private let objectBytes: [UInt8]

    /// Creates an arena for a process that is in its namespaces and cgroup already.
    public init(
        object: (name: String, bytes: [UInt8]),
        cgroup: ControlGroup,
        tracing: TraceFilesystem,
        isControl: Bool
    ) {
        objectName = object.name
        objectBytes = object.bytes
        self.cgroup = cgroup
        self.tracing = tracing
        self.isControl = isControl
    }

    /// Opens the sample's kern object; nothing is loaded yet.
    public func openObject() throws(ObjectError) -> OpenedObject {
        try OpenedObject(objectBytes, name: objectName)
    }

    /// Opens and loads the sample's kern object as it is.
    public func loadObject() throws(ObjectError) -> LoadedObject {
        try openObject().load()
    }

    /// Applies the sample's stimulus, or withholds it in a control run.
    ///
    /// Everything that makes the kern half do something belongs in here, and nothing else.
    public func stimulate<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
        if !isControl { try body() }
    }
}
