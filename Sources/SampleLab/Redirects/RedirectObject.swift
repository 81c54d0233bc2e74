public import LibBPF
import LinuxHost
import RunModel
public import SampleKit

/// A loaded object that is linked with `xdp_sample.bpf.o`: it redirects frames, and programs on the kernel's tracepoints count
/// what becomes of them.
public final class RedirectObject {
    /// The object; its programs on tracepoints are attached.
    public let loaded: LoadedObject
    /// What it counts.
    public let counters: RedirectCounters
    private let tracing: [HeldLink]

    /// Tracepoints of frames that are redirected to devices, and of programs that give up.
    public static let deviceEvents = ["xdp_redirect", "xdp_redirect_err", "xdp_devmap_xmit", "xdp_exception"]
    /// Tracepoints of frames that are redirected to processors.
    public static let processorEvents = ["xdp_cpumap_enqueue", "xdp_cpumap_kthread"]
    /// What a record says of the programs on tracepoints that no kernel reaches any more.
    public static let deadEvents =
        "tp_btf/xdp_redirect_map and tp_btf/xdp_redirect_map_err: since Linux 5.6 the kernel fires tp_btf/xdp_redirect and its like instead"
    /// What a record says of programs on tracepoints that a sample has no use for.
    public static let unusedEvents =
        "tp_btf/xdp_cpumap_enqueue and tp_btf/xdp_cpumap_kthread: this sample redirects to no processor"

    /// Opens the sample's object, prepares it as its user half does, loads it and attaches its programs on tracepoints.
    ///
    /// - Parameters:
    ///   - arena: The sample's arena.
    ///   - events: The tracepoints that are used; programs on others are not loaded.
    ///   - from: Interfaces whose events count; all do where none is named.
    ///   - to: Interfaces at the other end of such events.
    ///   - sharesReceived: Whether all processors count what they receive in the first record.
    ///   - prepare: What else is decided before the object is loaded.
    /// - Throws: `ObjectError` or `AttachError` where the kernel refuses, `ObjectMismatch` for an object of another form.
    public init(
        in arena: borrowing Arena,
        events: [String] = deviceEvents,
        from: [CInt] = [],
        to: [CInt] = [],
        sharesReceived: Bool = false,
        prepare: (borrowing OpenedObject) throws -> Void = { _ in }
    ) throws {
        let processors = try Processors.possibleCount()
        let opened = try arena.openObject()
        try opened.setGlobal("nr_cpus", to: CInt(processors))
        for (variable, interfaces) in [("from_match", from), ("to_match", to)] {
            let all = interfaces + Array(repeating: 0, count: 32 - interfaces.count)
            try opened.setGlobal(variable, toBytes: all.withUnsafeBytes { Array($0) })
        }
        for array in try RedirectCounters.arrays(processors) {
            try opened.map(array.map).setCapacity(UInt32(array.keys.count * processors))
        }
        var used: [String] = []
        for program in opened.programs where program.section.hasPrefix("tp_btf/") {
            let isUsed = events.contains(String(program.section.dropFirst("tp_btf/".count)))
            try program.setAutoload(isUsed)
            if isUsed { used.append(program.name) }
        }
        try prepare(opened)
        let loaded = try opened.load()
        counters = try RedirectCounters(of: loaded, processors, events: events, sharesReceived: sharesReceived)
        tracing = try used.map { HeldLink(try loaded.program($0).attachTracing()) }
        self.loaded = loaded
    }
}

extension NeedList {
    /// Redirects of XDP between veth pairs, counted by programs on the kernel's tracepoints; frames that are received at once need
    /// Linux 5.18.
    public static let redirects: NeedList =
        .xdp + ["CONFIG_NET_NS", "CONFIG_BPF_EVENTS", "CONFIG_DEBUG_INFO_BTF", "kernel>=5.18"]
}

extension Manifest.OldestTree {
    /// The first tree whose samples of redirects are linked with `xdp_sample.bpf.o`.
    public static let redirects = Manifest.OldestTree(
        KernelVersion(5, 15),
        otherwise: "has maps of other names and counts next to nothing"
    )
}

/// A link that can be kept in a list.
public final class HeldLink {
    private var link: BPFLink?

    /// Keeps a link.
    public init(_ link: consuming BPFLink) { self.link = consume link }

    /// Detaches the program now, if it is not detached already.
    public func detach() { link = nil }
}
