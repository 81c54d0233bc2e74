public import RunModel

/// A program of the kernel's `samples/bpf`, with its user half in Swift.
///
/// A conforming type lives in a folder of its own under `samples/`, and everything about the sample is in that folder.
/// The build indexes the folders, so there is no list to add it to.
///
/// A run has two parts. ``observe(in:)`` touches the kernel, needs privileges and returns plain data. ``judge(_:)`` is the
/// oracle: a pure function of that data, so that it can be tested without root and applied again to an old record.
public protocol Sample: Sendable {
    /// What one run leaves behind for the oracle.
    associatedtype Observation: Codable, Sendable, Equatable

    /// What the sample shows and what it needs.
    static var manifest: Manifest { get }

    /// Observations that the oracle has a known answer for, at least one of each kind.
    static var examples: [Example<Observation>] { get }

    /// Faults in the kern half's source that the oracle must not pass, at least three; none where the tree has no source of it.
    static var sourceMutants: [SourceMutant] { get }

    /// Creates the sample. Acquire nothing here; acquire it in ``observe(in:)``.
    init()

    /// Loads, attaches and stimulates the sample, and reads back what it did.
    ///
    /// It runs on the main thread of a process of its own, which is in namespaces and a cgroup of its own. It is not
    /// asynchronous on purpose: a suspension could resume on a thread that is in another namespace. Every wait in it has
    /// a deadline; the process is killed at ``Manifest/timeout`` at the latest.
    ///
    /// Send traffic, open files and burn time only inside ``Arena/stimulate(_:)``. A control run withholds that step, and
    /// the oracle must then refuse to pass.
    ///
    /// - Returns: What the kern half did, as plain data. A kern half that did wrong is such data too.
    /// - Throws: `ObjectError`, `AttachError` or ``LayoutDrift`` where the kernel refuses the kern half, which is a FAIL;
    ///   anything else where the harness could not do its work, which is an ERROR.
    func observe(in arena: borrowing Arena) throws -> Observation

    /// Decides whether an observation is what the kern half must produce.
    func judge(_ observation: Observation) -> Judgement
}

extension Sample {
    /// No faults: of a kern half whose source is instructions of our own.
    public static var sourceMutants: [SourceMutant] { [] }
}

/// An observation with the answer that its oracle must give.
public struct Example<Observation: Codable & Sendable & Equatable>: Sendable {
    /// What the observation stands for, such as "one packet lost".
    public let title: String
    /// The observation.
    public let observation: Observation
    /// Whether the oracle must pass it.
    public let passes: Bool

    /// An observation that the oracle must pass.
    public static func accepted(_ title: String, _ observation: Observation) -> Self {
        Self(title: title, observation: observation, passes: true)
    }

    /// An observation that the oracle must not pass.
    public static func rejected(_ title: String, _ observation: Observation) -> Self {
        Self(title: title, observation: observation, passes: false)
    }
}

/// A sample of the catalogue: its type and the folder that it lives in.
public struct CatalogEntry: Sendable {
    /// The family's folder, such as `xdp`.
    public let family: String
    /// The sample's folder, such as `xdp_rxq_info`.
    public let name: String
    /// The type in that folder.
    public let type: any Sample.Type

    /// Creates an entry; the generated index of a family does.
    public init(family: String, name: String, type: any Sample.Type) {
        self.family = family
        self.name = name
        self.type = type
    }

    /// `<family>/<name>`, the sample's name in records.
    public var id: String { "\(family)/\(name)" }

    /// What the sample shows and what it needs.
    public var manifest: Manifest { type.manifest }
}
