import LibBPF
import LinuxHost
import RunModel
public import SampleKit

/// A sample whose one sockops program decides on TCP connections of a cgroup, by what it answers and by options it sets.
///
/// A conforming sample says what the program must answer and do to the connections of its cases. The rest is the same for
/// all: connections are made inside and outside of the cgroup, every call with its reply and what was printed is recorded,
/// and what was set is read from the sockets and from the wire. What the program leaves alone must be as in a connection
/// that it never saw.
public protocol SocketOpsSample: Sample where Observation == SocketOpsObservation {
    /// The connections to make.
    static var cases: [SocketOpsCase] { get }
    /// What is measured of each end.
    static var traits: [TCPTrait] { get }
    /// The size of buffers that the program asks for, in bytes; 0 for none.
    static var bufferRequest: CInt { get }
    /// Servers of which exactly the first must repeat its SYN-ACK early, after so many ticks; empty for none.
    static var deafRoutes: [TCPRoute] { get }

    /// What the program must answer for an end within the cgroup.
    static func reply(to operation: SocketOperation, in one: SocketOpsCase, _ seen: SocketOpsObservation) -> Int
    /// What the program must print for it.
    static func lines(of operation: SocketOperation, _ reply: Int, in one: SocketOpsCase) -> [String]
    /// What the program must have made of an end within the cgroup; what is not named must be as without it.
    static func effects(
        on end: TCPFlow.End,
        of one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> [TCPTrait: Int]
    /// The congestion control that an end must have in place of the one that it was made with.
    static func algorithm(of end: TCPFlow.End, of one: SocketOpsCase, _ seen: SocketOpsObservation) -> String
}

extension SocketOpsSample {
    /// The connections by ports, families and prefixes.
    public static var cases: [SocketOpsCase] { SocketOpsCase.standard }
    /// No buffers.
    public static var bufferRequest: CInt { 0 }
    /// No server repeats early.
    public static var deafRoutes: [TCPRoute] { [] }

    /// The operation and the reply, where a port is the one that upstream's samples look at; else nothing.
    public static func lines(of operation: SocketOperation, _ reply: Int, in one: SocketOpsCase) -> [String] {
        one.hasPort(in: operation) ? ["BPF command: \(operation.rawValue)", "Returning \(reply)"] : []
    }

    /// Nothing.
    public static func effects(
        on end: TCPFlow.End,
        of one: SocketOpsCase,
        _ seen: SocketOpsObservation
    ) -> [TCPTrait: Int] { [:] }

    /// The one that it was made with.
    public static func algorithm(of end: TCPFlow.End, of one: SocketOpsCase, _ seen: SocketOpsObservation) -> String {
        one.route.congestionControl
    }

    /// Opens the object; what its compiler has left out is a need where the manifest has one.
    private static func opened(in arena: borrowing Arena) throws -> OpenedObject {
        do { return try arena.openObject() } catch let error as ObjectError {
            let compiler = manifest.needs.first { if case .compiler = $0 { true } else { false } }
            guard let compiler, let function = error.missingLibraryFunction else { throw error }
            throw UnmetNeed(
                compiler,
                "the compiler has left a call of \(function)(), which no kernel has; build with \(compiler)",
                evidence: error.lastUsefulLines()
            )
        }
    }

    /// Attaches the program to a cgroup and makes the connections of ``cases``.
    public func observe(in arena: borrowing Arena) throws -> SocketOpsObservation {
        let opened = try Self.opened(in: arena)
        // Their names say little: two of upstream's have the same.
        let name = opened.programs.first { $0.section == "sockops" }?.name
        let object = try opened.load()
        let inner = arena.cgroup.child("inner")
        try inner.create()
        let program = try object.program(name ?? "of SEC(\"sockops\")")
        let link = try program.attach(to: inner)
        var seen = SocketOpsObservation()
        seen.isAttached = try program.isAttached(to: inner)
        seen.tick = try KernelTick.microseconds(1)
        if Self.bufferRequest > 0 {
            let sizes = try TCPEnd.granted(asking: Self.bufferRequest)
            seen.granted = SocketOpsObservation.Buffers(send: sizes.send, receive: sizes.receive)
        }
        seen.algorithms = TCPFlow.congestionControls
        let processors = try SenderProcessors.available()
        let lab = try SocketOpsLab(
            try arena.recordSocketOps(of: arena.cgroup),
            outer: arena.cgroup,
            inner: inner,
            cases: Self.cases,
            traits: Self.traits
        )
        try arena.stimulate {
            seen.processors = processors.map { Int($0) }
            seen.flows = try lab.run(Self.cases, on: processors)
            if !Self.deafRoutes.isEmpty {
                let (place, after) = try lab.firstRepeatedAnswer(Self.deafRoutes)
                seen.firstRepeated = place.map { "server \($0)" } ?? ""
                seen.repeatedAfter = after
            }
        }
        link.detach()
        try inner.remove(deadline: Deadline(after: answerTime))
        return seen
    }
}

extension NeedList {
    /// Sockops programs whose calls and lines are recorded, and connections that are seen on the wire.
    public static let socketOps: NeedList =
        cgroup + eventBuffers + [
            "CONFIG_BPF_EVENTS", "CONFIG_INET", "CONFIG_IPV6", "CONFIG_PACKET",
            // bpf_get_current_task() in the recorder, and what it reads the printed lines with.
            "kernel>=5.13", "helper:bpf_probe_read_kernel_str",
        ]
}
